"""The pages of the monitor, one file for each."""
