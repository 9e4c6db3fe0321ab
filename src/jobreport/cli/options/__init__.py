"""Options that several commands share, and the values that people write for them."""
