"""The registry: tenants, app registrations, their credentials, signing keys, sign-ins and the audit log."""
