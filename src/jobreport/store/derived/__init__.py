"""Data that is derived from the jobs and stored to make reads fast: counts, subjects, an index of parts of job IDs.

The counts and the index can be made again from the jobs (`recount`, `repair`)."""
