"""Writes jobs: reports, corrections, and the failure of stalled jobs; and reads the history of one job."""
