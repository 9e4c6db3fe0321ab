"""Many clients that report jobs to a server which may fail at any moment, and the jobs that it acknowledged."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import httpx
from sqlalchemy import select

from connecting import connect
from jobreport.model.catalog import JobState
from jobreport.store import open_store
from jobreport.store.admin.check import check
from jobreport.store.schema.jobs import job as table
from jobs import job, unfinished
from serving import JOBS, App, Server, until

ADDRESS = ("--public-url", "http://127.0.0.1:1")
"""Makes a token good for every server of one store, whichever port it has."""
RETRY_SECONDS = 0.2
"""Between two tries of a writer; shorter, and its requests in vain would take the processor from the servers."""


class Crowd:
    """Writers that report pairs of jobs, running first and then successful, each until it is acknowledged.

    As the runner does, they deliver again what got no answer or 503; any other answer is a failure of the test.
    """

    def __init__(self, app: App, name: str = "crowd", writers: int = 4) -> None:
        self.acknowledged: dict[str, JobState] = {}
        self.sent: set[str] = set()
        self.answers: Counter[int] = Counter()
        self.refusals: set[str] = set()
        self._url, self._headers = app.server.url, app.bearer
        self._stop, self._may_write = threading.Event(), threading.Event()
        self._may_write.set()
        self._pool = ThreadPoolExecutor(writers)
        self._writers: list[Future[None]] = []
        self._name, self._number = name, writers

    def __enter__(self) -> "Crowd":
        self._writers = [self._pool.submit(self._write, number) for number in range(self._number)]
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._pool.shutdown()
        for writer in self._writers:
            writer.result()

    def stop(self) -> None:
        """Lets them end, as they would at the end of the context; nobody is left to answer them."""
        self._stop.set()
        self._may_write.set()

    @contextmanager
    def paused(self) -> Iterator[dict[str, JobState]]:
        """Lets no writer begin a request, so that the machine has time for others; gives what was acknowledged."""
        self._may_write.clear()
        try:
            yield dict(self.acknowledged)
        finally:
            self._may_write.set()

    def turn_to(self, server: Server) -> None:
        """Goes on at another server of the same store."""
        self._url = server.url

    def write_more(self, number: int = 20) -> None:
        """Waits until so many more requests were acknowledged."""
        goal = self.answers[200] + number

        def reached() -> bool:
            for writer in self._writers:
                if writer.done():
                    writer.result()
            return self.answers[200] >= goal

        until(reached, f"{number} acknowledged writes")

    def be_refused(self) -> None:
        """Waits until more requests were answered by 503."""
        known = self.answers[503]
        until(lambda: self.answers[503] > known, "a 503")

    def _write(self, writer: int) -> None:
        turn = 0
        with connect("") as http:
            while not self._stop.is_set():
                pair = [f"{self._name}-{writer}-{turn}{twin}" for twin in ("", "-twin")]
                self.sent.update(pair)
                self._deliver(http, [unfinished(name, "InProgress") for name in pair], JobState.InProgress)
                self._deliver(http, [job(name) for name in pair], JobState.Successful)
                turn += 1

    def _deliver(self, http: httpx.Client, reports: list[dict[str, Any]], state: JobState) -> None:
        while self._may_write.wait() and not self._stop.is_set():
            try:
                answer = http.post(f"{self._url}{JOBS}", json=reports, headers=self._headers)
            except httpx.TransportError:
                self._stop.wait(RETRY_SECONDS)
                continue
            self.answers[answer.status_code] += 1
            if answer.status_code == 200:
                self.acknowledged.update(dict.fromkeys(answer.json()["jobIds"], state))
                return
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["Retry-After"]) > 0
            self.refusals.add(answer.json()["detail"])
            self._stop.wait(RETRY_SECONDS)


def check_and_read_states(url: str) -> dict[str, JobState]:
    """The state of every job in a store, whose counts are what a recount gives and whose database is sound."""
    with closing(open_store(url)) as store:
        found = check(store)
        assert (found.faults, found.differences) == ((), ())
        with store.reading() as connection:
            rows = connection.execute(select(table.c.job_id, table.c.state)).all()
    states = {job_id: JobState(state) for job_id, state in rows}
    assert len(states) == len(rows)
    return states


def assert_nothing_is_lost(url: str, acknowledged: Mapping[str, JobState]) -> dict[str, JobState]:
    """What is stored has all that was `acknowledged`, each once, and of every request all or nothing."""
    states = check_and_read_states(url)
    # A job that was acknowledged as running may have ended since; one that has ended may not run again.
    lost = {name for name, state in acknowledged.items() if states.get(name) not in {state, JobState.Successful}}
    assert not lost
    for name, state in states.items():
        twin = name.removesuffix("-twin") if name.endswith("-twin") else f"{name}-twin"
        assert states.get(twin) is state, name
    return states
