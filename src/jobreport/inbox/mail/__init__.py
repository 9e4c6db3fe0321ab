"""Jobs from mails: what a mail says is read by rules, one file a sender."""
