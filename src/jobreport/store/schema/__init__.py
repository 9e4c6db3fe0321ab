"""The tables of the store, their migrations, and how rows become values."""
