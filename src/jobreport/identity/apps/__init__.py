"""App registrations: their permissions, their credentials, and the tenants that they may access."""
