"""The tables of docs/reference, one file for what each is about: its `BLOCKS` say which there are."""
