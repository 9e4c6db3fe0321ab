"""What the pages show, worked out from what the store answered: pure values, without HTTP and without SQL."""
