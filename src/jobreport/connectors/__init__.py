"""Collects jobs from the systems in which backups run. Only the files of kinds know one of them."""
