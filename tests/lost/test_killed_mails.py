"""A server that is killed under mails: each mail that was answered with 250 is in the store, kept once."""

import re
import smtplib
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from connecting import PATIENCE
from jobreport.store import open_store
from jobreport.store.registry import inboxes as rows
from jobreport.store.registry import unread
from long import times
from serving import serve, typed, until

SENDERS = 4
MAIL = "From: root@nas-2\r\nSubject: Cron <root@nas-2> backup\r\nMessage-ID: <{run}@nas-2>\r\n\r\nnot known\r\n"


def test_every_mail_that_was_answered_is_there_after_the_server_was_killed(tmp_path: Path) -> None:
    answered: set[str] = set()
    lock = threading.Lock()
    for round_ in range(times(1)):
        with serve(tmp_path, "--ping-limit", "1000000/second", "--smtp", "127.0.0.1:0") as server:
            made = typed("inbox", "create", f"nas {round_}", "--url", "", "--store", server.store)
            to = f"{made.stdout.strip().rpartition('/')[2]}@jobs.test"
            port = int(until(lambda: re.search(r"Mails are taken on .*:(\d+)", server.printed), "the mails")[1])

            def send(port: int = port, to: str = to) -> None:
                while True:
                    run = str(uuid.uuid4())
                    try:
                        # A connection takes only so many mails.
                        with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as client:
                            client.sendmail("root@nas-2", [to], MAIL.format(run=run))
                    except (smtplib.SMTPException, OSError):
                        return
                    with lock:
                        answered.add(run)

            with ThreadPoolExecutor(SENDERS) as pool:
                senders = [pool.submit(send) for _ in range(SENDERS)]
                least = len(answered) + 20
                until(lambda least=least: len(answered) > least, "mails")
                server.kill()
                for sender in senders:
                    sender.result()
            store_url = server.store
    with closing(open_store(store_url)) as store, store.reading() as transaction:
        kept = [
            found.content
            for tenant in {one.tenant for one in rows.list_inboxes(transaction)}
            for one in unread.ids(transaction, tenant)
            if (found := unread.get(transaction, tenant, one))
        ]
    runs = [match[1].decode() for one in kept if (match := re.search(rb"Message-ID: <(.*)@nas-2>", one))]
    assert len(runs) == len(set(runs))
    assert answered <= set(runs)
