"""Operators: the people who sign in to the monitor, with their passwords and sessions."""
