"""How jobs get into the store, and what is kept of each."""
