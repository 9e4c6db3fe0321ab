"""What the watch over backups keeps: what is expected of series, what was told of it, and what is still to be told."""
