"""Reads command lines: their options, the program behind wrappers and scripts, and the secrets in them."""
