"""Collects jobs from the systems in which backups run. Only the modules in `kinds` know a vendor."""
