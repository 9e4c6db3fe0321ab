"""Makes up a believable history of companies' backups, for demonstrations and measurements."""
