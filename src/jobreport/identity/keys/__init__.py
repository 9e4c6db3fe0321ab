"""The keys that sign tokens: how they are created, encrypted in the store, replaced and destroyed."""
