"""What commands print: tables, progress bars, warnings, files."""
