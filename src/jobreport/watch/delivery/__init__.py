"""Delivers messages: each is tried until its channel has taken it, or for a day; then people see that it was not."""
