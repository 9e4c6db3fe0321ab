"""How questions about jobs are answered: which index is read, the total, the page, the sums."""
