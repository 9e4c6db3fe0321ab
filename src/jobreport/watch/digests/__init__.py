"""Digests: regular letters that say how all backups stand, even if all is well."""
