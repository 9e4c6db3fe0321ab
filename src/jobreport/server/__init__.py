"""HTTP itself, whatever is asked: connections, bodies, errors, sign-in, streams."""
