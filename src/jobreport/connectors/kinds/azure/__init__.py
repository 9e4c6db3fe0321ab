"""What the kinds that read Azure share: how they sign in, ask, follow pages, and say what Azure refuses."""
