"""Reads `jobreport.toml`, for what takes more words than an option. Each room says what its own tables hold."""
