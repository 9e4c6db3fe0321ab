"""The values of the project and their rules: jobs, questions, answers, times. No I/O, and no clock."""
