"""What the watch stores: expectations, verdicts, incidents, what was told of them, and messages to be delivered."""
