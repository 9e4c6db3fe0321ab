"""The names of others that answer the same report over the same rows; how each is run and asked, out."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import servers
from load import Call
from places import Place
from servers import REPORT

BARE_REMEMBERS: Final = "the bare limit; both remember totals"
BARE_ADDS_UP: Final = "the bare limit; both add totals up each time"


@dataclass(frozen=True)
class Peer:
    """How another is run, what it is asked, and where in its JSON the total stands."""

    name: str
    words: list[str]
    call: Call
    total: str
    environment: Mapping[str, str] = field(default_factory=dict)


def bare(store: Path, tenant: int, body: bytes, *, remembers: bool) -> Peer:
    """The least that must be done: one function with SQL by hand, over our own file.

    `remembers`: whether it keeps totals until anybody writes, or adds each up again.
    """
    environment = {"BENCH_STORE": str(store), "BENCH_TENANT": str(tenant), "BENCH_REMEMBERS": "1" if remembers else ""}
    name = BARE_REMEMBERS if remembers else BARE_ADDS_UP
    return Peer(name, servers.uvicorn("peers.bare"), Call(REPORT, body), "totalCount", environment)


def unchecked(place: Place, tenant: int, call: Call) -> Peer:
    """Our own service over the same store, which asks nobody for a token; it is sent one all the same."""
    environment = {"BENCH_TENANT": str(tenant), **servers.secret_of(place)}
    return Peer("ours without the check", _changed("unchecked.py", place), call, "totalCount", environment)


def adding_up(place: Place, call: Call, issuer: str) -> Peer:
    """Our own service over the same store, which remembers no totals. `issuer` is who gave the call's token."""
    words = [*_changed("adding_up.py", place), "--public-url", issuer]
    return Peer("ours, which adds totals up", words, call, "totalCount", servers.secret_of(place))


def _changed(script: str, place: Place) -> list[str]:
    """The command of our own `serve` with something changed in it."""
    words = [sys.executable, str(Path(__file__).with_name(script)), "serve", "--port", "{port}"]
    return [*words, "--store", place.url]


def all_of(file: Path, tenant: int, service: int, kind: int, size: int) -> list[Peer]:
    """What others would build or take, over a file that is theirs."""
    environment = {"BENCH_STORE": str(file), "BENCH_TENANT": str(tenant)}
    asked = f'{{"serviceType":{service},"jobType":{kind},"pagination":{{"pageNumber":0,"pageSize":{size}}}}}'
    listed = f"/api/jobs?service={service}&type={kind}&page=1&page_size={size}"
    table = (
        f"/{file.stem}/job.json?tenant={tenant}&service={service}&type={kind}"
        f"&_sort_desc=start&_size={size}&_nofacet=1&_nosuggest=1"
    )
    # As it comes, it gives a second to a count and then leaves the total out: here it has a minute.
    settings = ("sql_time_limit_ms", "60000", "suggest_facets", "off", "allow_facet", "off")
    words = [sys.executable, "-m", "datasette", "serve", "-i", str(file), "--port", "{port}"]
    for name, value in zip(settings[::2], settings[1::2], strict=True):
        words += ["--setting", name, value]
    conventional = servers.uvicorn("peers.conventional")
    return [
        Peer("FastAPI and SQLAlchemy's ORM", conventional, Call(REPORT, asked.encode()), "totalCount", environment),
        Peer("Django REST Framework", servers.uvicorn("peers.drf"), Call(listed, method="GET"), "count", environment),
        Peer("Datasette", words, Call(table, method="GET"), "filtered_table_rows_count", {"HOME": os.devnull}),
    ]
