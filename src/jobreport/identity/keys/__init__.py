"""The keys that tokens are signed with, and how they are encrypted in the store."""
