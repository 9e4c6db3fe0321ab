"""Decides who may use the API: app registrations, the rules of the token endpoint, tokens, tenants. No HTTP, no SQL."""
