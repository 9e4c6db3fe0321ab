"""Writes jobs: reports of them, corrections, and the failure of jobs that give no sign of life; and reads one job's
history."""
