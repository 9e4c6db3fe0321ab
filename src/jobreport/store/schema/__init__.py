"""The tables of the store, how rows become values, and the migrations between versions of the tables."""
