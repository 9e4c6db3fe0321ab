"""The token endpoint: who signs in, by what, and which tokens are good."""
