"""Files of jobs in, lines of JSON or CSV, compressed or not; the jobs in a store out, and what was refused by line."""
