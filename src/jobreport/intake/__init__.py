"""Reads files of jobs, which are lines of JSON or CSV, plain or packed, and stores their jobs."""
