"""Who may ask: app registrations, the token endpoint's rules, tokens. No HTTP, no SQL of its own."""
