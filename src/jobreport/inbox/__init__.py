"""Jobs from whatever can knock: a program that calls a URL, or sends a report of its own."""
