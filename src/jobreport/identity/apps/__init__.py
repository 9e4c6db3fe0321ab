"""App registrations: their permissions, credentials and the tenants that they reach."""
