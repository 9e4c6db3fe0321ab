"""Jobs from everything that can call a URL, post a report or send a mail."""
