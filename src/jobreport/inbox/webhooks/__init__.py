"""Webhooks: reads what senders post of their jobs, each in the form of its own. One small file a sender."""
