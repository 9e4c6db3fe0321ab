"""A server that is killed under pings: each run whose end was answered with OK is in the store, once, and ended."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx

from connecting import connect
from jobreport.model.catalog import JobState
from jobreport.store import open_store
from jobreport.store.registry import inboxes as rows
from long import times
from serving import serve, typed, until

SENDERS = 8


def test_every_ping_that_was_answered_is_there_after_the_server_was_killed(tmp_path: Path) -> None:
    answered: dict[str, str] = {}
    lock = threading.Lock()
    for round_ in range(times(1)):
        with serve(tmp_path, "--ping-limit", "1000000/second") as server:
            made = typed("inbox", "create", f"nas {round_}", "--url", "", "--store", server.store)
            address, url = made.stdout.strip(), server.url

            def send(url: str = url, address: str = address) -> None:
                with connect(url) as http:
                    while True:
                        run = str(uuid.uuid4())
                        try:
                            for word in ("start", "0"):
                                assert http.post(f"{address}/{word}?rid={run}").text == "OK"
                                with lock:
                                    answered[run] = word
                        except httpx.TransportError:
                            return

            with ThreadPoolExecutor(SENDERS) as pool:
                senders = [pool.submit(send) for _ in range(SENDERS)]
                least = len(answered) + 20
                until(lambda least=least: len(answered) > least, "pings")
                time.sleep(0.05)
                server.kill()
                for sender in senders:
                    sender.result()
            store_url = server.store
    with closing(open_store(store_url)) as store, store.reading() as transaction:
        every = rows.list_inboxes(transaction)
        assert len(every) == times(1)
        for run, word in answered.items():
            found = [one for of in every if (one := store.history(of.tenant, f"ping-{of.inbox}-{run}"))]
            assert len(found) == 1, run
            state = found[0].current.job.state
            assert state is JobState.Successful if word == "0" else state in {JobState.InProgress, JobState.Successful}
