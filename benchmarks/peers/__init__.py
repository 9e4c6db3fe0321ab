"""The names of others that answer the same report over the same rows; how each is run and asked, out."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import servers
from load import Call
from places import Place
from servers import REPORT


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
    environment = {"BENCH_STORE": str(store), "BENCH_TENANT": str(tenant)} | (
        {"BENCH_REMEMBERS": "1"} if remembers else {}
    )
    name = "the bare limit, which remembers totals, too" if remembers else "the bare limit, which adds totals up, too"
    return Peer(name, servers.uvicorn("peers.bare"), Call(REPORT, body), "totalCount", environment)


def unchecked(place: Place, tenant: int, call: Call) -> Peer:
    """Our own service over the same store, which asks nobody for a token; it is sent one all the same."""
    words = [sys.executable, str(Path(__file__).with_name("unchecked.py")), "serve", "--port", "{port}"]
    environment = {"BENCH_TENANT": str(tenant), **servers.secret_of(place)}
    return Peer("ours without the check", [*words, "--store", place.url], call, "totalCount", environment)


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
