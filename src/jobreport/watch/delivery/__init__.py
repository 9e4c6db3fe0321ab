"""Delivers messages: tries each for up to a day. What no channel has taken by then is shown to people."""
