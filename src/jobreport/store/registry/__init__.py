"""Tenants, app registrations, signing keys and the audit log, as the store keeps them."""
