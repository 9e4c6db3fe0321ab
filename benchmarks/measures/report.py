"""Reports a second, as many as go: ours with a verified token, the bare limit, and others over the same rows."""

import asyncio
import json
import statistics
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx

import data
import peers
import servers
from bench import Bench
from figure import Bar, Figure
from jobreport.model.query import JobQuery
from load import Call, Rate, at_rate, many
from measures.writes import new_job
from options import TENANT, WRITTEN
from peers import Peer
from progress import say, step
from questions import body, call, of_pair
from servers import HOST, Server

_SIZE: Final = 10
_WRITES: Final = 40
"""A second."""
_PATIENCE: Final = 90
"""Seconds for all rounds of one peer: where a request takes seconds, fewer rounds tell enough."""
_BARS: Final = {
    "ours without the check": (Bar(0.95, at_least=True), ""),
    peers.BARE_REMEMBERS: (Bar(0.7, at_least=True), "≥ 7,000/s"),
    "FastAPI and SQLAlchemy's ORM": (Bar(100, at_least=True), ""),
}


def measure(bench: Bench) -> Iterator[Figure]:
    """One row for each that ours is measured against."""
    service, kind = bench.pair
    query = JobQuery(where=of_pair(service, kind), size=_SIZE)
    total = bench.store.list_jobs(bench.tenant, query).total
    say(f"The commonest pair is {service.name} and {kind.name}: {total:,} jobs")
    with servers.ours(bench.place, TENANT) as ours:
        asked = call(query, ours.token)
        many(ours.port, asked, 1)
        others = [peers.unchecked(bench.place, bench.tenant, asked)]
        if bench.sqlite:
            assert bench.place.path
            file, question = bench.place.path, body(query)
            others.append(peers.bare(file, bench.tenant, question, remembers=True))
            adding = peers.adding_up(bench.place, asked, issuer=f"http://{HOST}:{ours.port}")
            with servers.other(adding.words, adding.environment) as ours_adding:
                peer = peers.bare(file, bench.tenant, question, remembers=False)
                yield _compared(bench, ours_adding.port, asked, peer, total)
            others += peers.all_of(data.peers(bench.place), bench.tenant, service, kind, _SIZE)
        for peer in others:
            yield _compared(bench, ours.port, asked, peer, total)
    yield _while_written(bench, asked_of=query)


def _compared(bench: Bench, port: int, asked: Call, peer: Peer, total: int) -> Figure:
    """Ours, which listens on `port`, and a peer by turns."""
    mine: list[Rate] = []
    its: list[Rate] = []
    with servers.other(peer.words, peer.environment) as server, step(f"Report, against {peer.name}"):
        note = "" if _total(server, peer) == total else ", gives another total"
        many(port, asked, 1)
        many(server.port, peer.call, 1)
        end = time.monotonic() + _PATIENCE
        while len(its) < bench.options.rounds and (not its or time.monotonic() < end):
            mine.append(many(port, asked, bench.options.seconds))
            its.append(many(server.port, peer.call, bench.options.seconds))
    return _figure(peer.name, mine, its, note)


def _while_written(bench: Bench, asked_of: JobQuery) -> Figure:
    """By turns with and without a writer: what ours remembers of totals, each commit makes it forget."""
    quiet: list[Rate] = []
    busy: list[Rate] = []
    with servers.ours(bench.place, TENANT, WRITTEN) as server, step("Report, while jobs are written"):
        asked = call(asked_of, server.token)
        many(server.port, asked, 1)
        for _ in range(bench.options.rounds):
            quiet.append(many(server.port, asked, bench.options.seconds))
            with _writing(server, bench.options.seconds + 1):
                busy.append(many(server.port, asked, bench.options.seconds))
    return Figure(
        f"report, while {_WRITES} jobs a second are written",
        _median(busy).rate,
        "/s",
        _median(quiet).rate,
        "the same when nobody writes",
        None,
        "",
        _latency(_median(busy)),
        _latency(_median(quiet)),
        larger_is_better=True,
    )


@contextmanager
def _writing(server: Server, seconds: float) -> Iterator[None]:
    """Jobs at a steady rate meanwhile, each by a request and a commit of its own."""
    run = uuid.uuid4().hex[:12]
    jobs = [new_job(f"R{run}{number:08d}", server.tokens[1]).encoded() for number in range(round(_WRITES * seconds))]
    thread = threading.Thread(target=lambda: asyncio.run(at_rate(server.port, jobs, _WRITES, seconds)))
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _total(server: Server, peer: Peer) -> Any:
    """What the peer says how many there are."""
    url, headers = f"http://{HOST}:{server.port}{peer.call.path}", {"Content-Type": "application/json"}
    answer = httpx.request(peer.call.method, url, content=peer.call.body, headers=headers, timeout=600, trust_env=False)
    return json.loads(answer.raise_for_status().content)[peer.total]


def _median(rounds: list[Rate]) -> Rate:
    return Rate(*(statistics.median(getattr(each, name) for each in rounds) for name in ("rate", "p50", "p99")))


def _figure(against: str, mine: list[Rate], its: list[Rate], note: str = "") -> Figure:
    bar, expected = _BARS.get(against, (None, ""))
    ours, other = _median(mine), _median(its) if its else None
    return Figure(
        "report by service and type, page 0, verified token",
        ours.rate,
        "/s",
        other.rate if other else None,
        against,
        bar,
        expected,
        _latency(ours),
        f"{_latency(other)}{note}" if other else "",
        larger_is_better=True,
    )


def _latency(rate: Rate) -> str:
    return f"median {rate.p50:.2f} ms, p99 {rate.p99:.2f} ms"
