"""Makes short questions fast: with connections that stay open, and with answers that are remembered."""
