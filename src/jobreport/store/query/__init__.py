"""Answers questions about jobs: chooses an index, finds the exact total, and reads a page or a stream.

What is asked of series, of groups of jobs, and of nights has a room each.
"""
