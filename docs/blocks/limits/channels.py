"""Limits of channels, and of messages that wait for them."""

from typing import Final

from blocks.limits.rows import Rows
from jobreport.watch.channels import http, mail, webhook
from jobreport.watch.delivery import backoff, sending

ROWS: Final[Rows] = [
    ("Addresses of a channel of the kind `mail`", f"{mail.MOST_RECEIVERS}", "`serve` does not start"),
    ("Secret of a webhook", f"{webhook.LEAST_SECRET} to {webhook.MOST_SECRET} bytes", "not delivered"),
    ("Each answer of a mail server or a receiver", f"{http.STEP_SECONDS} seconds", "tried again"),
    ("One receiver of a message", f"{sending.SEND_SECONDS} seconds", "tried again"),
    ("A message whose sender was killed", f"{sending.HOLD_SECONDS} seconds", "sent by another"),
    ("Waits between tries", f"{backoff.FIRST_WAIT} seconds, doubled up to {backoff.LONGEST_WAIT // 60} minutes", ""),
    ("Tries of a message", f"{backoff.GIVE_UP // 3600} hours", "given up, and shown"),
    ("Known what was delivered", f"{sending.KEPT_DAYS} days", "forgotten"),
]
