"""What a job, a question and an answer are: values and their rules, without I/O and without a clock."""
