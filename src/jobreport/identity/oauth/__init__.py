"""OAuth 2.0: apps sign in, get access tokens, and send them with their requests."""
