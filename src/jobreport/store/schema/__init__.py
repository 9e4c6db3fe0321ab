"""The tables of the store, their migrations, and the functions that turn rows into values and back."""
