"""Answers how nights went, of one tenant or of many at once: what ended in them, what was worst, and who was silent."""
