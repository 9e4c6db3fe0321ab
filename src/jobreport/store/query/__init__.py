"""Answers questions about jobs: chooses an index, finds the exact total, and reads a page, a stream or a summary."""
