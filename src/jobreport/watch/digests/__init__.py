"""Digests: letters that come by the clock and tell how all backups stand, also if all is well."""
