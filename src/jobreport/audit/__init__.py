"""The audit log can prove that it is whole: chains of entries, seals, checkpoints."""
