"""Signing in to the monitor by the company's own OpenID provider, with roles and tenants from its claims."""
