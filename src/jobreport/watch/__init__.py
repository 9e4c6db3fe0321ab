"""The watch over backups: what is expected of each series, what is wrong, who hears of it, and by which channel."""
