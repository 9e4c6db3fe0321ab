"""The registry: tenants, app registrations, what proves them, signing keys, sign-ins and the audit log."""
