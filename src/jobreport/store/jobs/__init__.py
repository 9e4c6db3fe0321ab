"""Writes jobs: reports, corrections, and the failure of stalled jobs. It also reads the history of one job."""
