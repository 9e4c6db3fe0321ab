"""A process of its own that sends what is due: `sending_process.py URL RECEIVER SECRET_FILE SECONDS_AHEAD`.

Its clock is so many seconds ahead: what a process that was killed had taken is free again.
"""

import sys

from jobreport.clock import now_ticks
from jobreport.model import ticks
from jobreport.store import open_store
from jobreport.watch.channels.webhook import Settings, Webhook
from jobreport.watch.delivery.sending import Sender


def main(url: str, receiver: str, secret_file: str, ahead: str) -> None:
    off = int(ahead) * ticks.PER_SECOND
    store = open_store(url, clock=lambda: now_ticks() + off)
    for _ in Sender(store, {"hook": Webhook(Settings(url=receiver, secret_file=secret_file))}).send_due("hook"):
        pass
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
