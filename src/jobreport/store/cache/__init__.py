"""What makes a short question quick: connections that stay open, and answers that are remembered."""
