"""The audit log's protection against changes: hash chains, seals over them, and hourly checkpoints."""
