"""A seed in; a believable history of companies' backups out, for demonstrations and measurements."""
