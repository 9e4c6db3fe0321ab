"""What `jobreport serve` sets up before it serves: sockets, TLS, the event loop."""
