"""Runs a backup command and reports it as a job while it runs."""
