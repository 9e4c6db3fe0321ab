"""Answers how many jobs there are of each group: by day, night, service, plan and so on."""
