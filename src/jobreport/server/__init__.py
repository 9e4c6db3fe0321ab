"""HTTP itself, whatever is asked: connections, bodies, sign-in, errors, streams, and the worker processes."""
