"""The monitor: HTML pages for the people who look after backups."""
