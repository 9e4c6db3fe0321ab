"""Answers questions about series, of which each is what repeats: lists of them, their last runs, and how they stand."""
