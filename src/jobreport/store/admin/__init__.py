"""What an operator does to a whole store: backup, check, prune, purge, spread over a cluster."""
