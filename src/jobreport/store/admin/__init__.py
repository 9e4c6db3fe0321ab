"""The work of an operator on a whole store: backup, check, prune, purge, distribution over a cluster."""
