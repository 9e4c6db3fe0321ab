"""Limits of channels, and of messages that wait for them."""

from typing import Final

from blocks.limits.rows import MIB, Rows
from jobreport.services import alive
from jobreport.watch.channels import http, mail, webhook
from jobreport.watch.delivery import backoff, sending
from jobreport.watch.digests import facts, files

ROWS: Final[Rows] = [
    ("Addresses of a channel of the kind `mail`", f"{mail.MOST_RECEIVERS}", "`serve` does not start"),
    ("Secret of a webhook", f"{webhook.LEAST_SECRET} to {webhook.MOST_SECRET} bytes", "not delivered"),
    ("Each answer of a mail server or a receiver", f"{http.STEP_SECONDS} seconds", "tried again"),
    ("One receiver of a message", f"{sending.SEND_SECONDS} seconds", "tried again"),
    ("A message whose sender was killed", f"{sending.HOLD_SECONDS} seconds", "sent by another"),
    ("Waits between tries", f"{backoff.FIRST_WAIT} seconds, doubled up to {backoff.LONGEST_WAIT // 60} minutes", ""),
    ("Tries of a message", f"{backoff.GIVE_UP // 3600} hours", "given up, and shown"),
    ("Series with a line of their own in a digest", f"{facts.LISTED}", "counted"),
    ("File with a digest", f"{files.MOST // MIB} MiB", "stays away, and that is said"),
    ("Message that waits while the dead-man's switch is called", f"{alive.WAIT_SECONDS // 60} minutes", "not called"),
    ("Known what was delivered", f"{sending.KEPT_DAYS} days", "forgotten"),
]
