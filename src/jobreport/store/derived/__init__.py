"""What is stored beside the jobs so that reads are fast: counts, subjects, an index of parts of job IDs.

All of it can be made again from the jobs (`recount`, `repair`)."""
