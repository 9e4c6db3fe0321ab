"""What `jobreport setup` does: `plan` says which files and units there will be, `apply` makes them.

The plan is pure, so that `--dry-run` prints the very steps that would be taken.
"""
