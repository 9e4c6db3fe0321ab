"""`GET /api/connectors`, and the header by which every report says until when nothing is missing in it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from jobreport.client import Completeness, JobReportClient
from jobreport.contract.completeness import value
from jobreport.contract.connectors_answer import connectors_answer
from jobreport.model import ticks
from jobreport.model.sees import Sees
from jobreport.model.streams import ConnectorState, ConnectorStatus, Hole, StreamState, complete_until, lacking, no_data
from serving import EXPORT, FIND, READ, REPORT, SEARCH, SUMMARY, WRITE_OWN, App, Server, serve, until
from strategies import NOW

CONNECTORS = "/api/connectors"
HEADER = "Jobreport-Complete-Until"
MINUTE = 60 * ticks.PER_SECOND


def standing(name: str, *, looked: int = NOW, hole: int = 0, error: str = "") -> ConnectorStatus:
    stream = StreamState(
        stream="eu", sees=Sees.RESULTS, added=NOW - 90 * MINUTE, looked=looked, watermark=looked, error=error
    )
    holes = (Hole(stream="eu", begins=hole, ends=hole + MINUTE, found=NOW),) if hole else ()
    return ConnectorStatus(
        connector=ConnectorState(connector=name, kind="exec", every=300, begun=NOW), streams=(stream,), holes=holes
    )


REFUSED = ConnectorStatus(
    connector=ConnectorState(connector="refused", kind="exec", every=300, error="its sign-in is refused"),
    streams=(),
    holes=(),
)

HANGS = ConnectorStatus(
    connector=ConnectorState(connector="hangs", kind="exec", every=300, begun=NOW - 16 * MINUTE, held=NOW + MINUTE),
    streams=(),
    holes=(),
)
BEGUN = "1970-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("standings", "said"),
    [
        ((standing("a"), standing("b", looked=NOW - MINUTE)), ticks.to_iso(NOW - MINUTE, digits=0)),
        ((standing("a", hole=NOW - 60 * MINUTE),), ticks.to_iso(NOW - 60 * MINUTE, digits=0)),
        ((standing("a", looked=0),), '1970-01-01T00:00:00Z; no-data="a"'),
        ((replace(REFUSED, connector=ConnectorState(connector="b", kind="exec", every=300, begun=NOW)),), BEGUN),
        ((HANGS, standing("a")), '1970-01-01T00:00:00Z; no-data="hangs"'),
        ((REFUSED, standing("a")), '1970-01-01T00:00:00Z; no-data="refused"'),
        (
            (standing("b", looked=NOW - 16 * MINUTE), standing("a", looked=NOW - 60 * MINUTE)),
            f'{ticks.to_iso(NOW - 60 * MINUTE, digits=0)}; no-data="a, b"',
        ),
    ],
)
def test_the_header_says_until_when_all_is_read_and_who_has_no_data(
    standings: tuple[ConnectorStatus, ...], said: str
) -> None:
    assert value(complete_until(standings) or 0, no_data(standings, NOW)) == said


def test_a_first_look_that_does_not_come_to_a_stream_is_no_data() -> None:
    answer = connectors_answer([HANGS], NOW)
    assert (answer.no_data, answer.connectors[0].error) == (["hangs"], "its first look has not come to a stream")
    assert lacking(HANGS, NOW) == ["no data yet: its first look has not come to a stream"]


def test_very_many_connectors_without_data_make_no_endless_header() -> None:
    said = value(NOW, [f"c{number:02}" for number in range(30)])
    assert said.endswith('c19, and 10 more"')


def test_a_stream_without_data_says_since_when_and_why() -> None:
    answer = connectors_answer([standing("a", looked=NOW - 60 * MINUTE, error="access denied for list")], NOW)
    (stream,) = answer.connectors[0].streams
    since = ticks.to_iso(NOW - 60 * MINUTE, digits=0)
    assert (stream.no_data, stream.lag_seconds) == (f"no data since {since}: access denied for list", 3600)
    assert answer.no_data == ["a"]
    assert connectors_answer([], NOW).complete_until is None


@pytest.fixture(scope="module")
def collecting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that reads two connectors of one tenant: one brings a job, the other sees nothing."""
    folder = tmp_path_factory.mktemp("collecting")
    (folder / "jobs.ndjson").write_text(
        '{"jobId": "nas:1", "serviceType": 8, "jobType": 1024, "state": 2, "startTime": "2026-11-27T02:00:00Z", '
        '"finishTime": "2026-11-27T02:10:00Z", "plan": "nightly"}\n'
    )
    (folder / "jobreport.toml").write_text(
        f'[[connector]]\nkind = "exec"\nname = "nas"\ntenant = "acme"\nsees = "runs"\n'
        f'command = ["sh", "-c", "cat {folder}/jobs.ndjson"]\n'
        '[[connector]]\nkind = "exec"\nname = "blind"\ntenant = "acme"\nsees = "results"\n'
        'command = ["sh", "-c", "echo access denied >&2; exit 1"]\n'
    )
    with serve(folder, "--config", str(folder / "jobreport.toml")) as running:
        yield running


@pytest.fixture(scope="module")
def reader(collecting: Server) -> App:
    return collecting.app("acme", READ)


def ask(app: App, path: str = CONNECTORS) -> dict[str, Any]:
    answer = app.server.http.get(path, headers=app.bearer)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_server_reads_its_connectors_and_tells_how_they_stand(reader: App) -> None:
    def both() -> list[dict[str, Any]]:
        found = ask(reader)["connectors"]
        return found if len([one for one in found if one["streams"]]) == 2 else []

    blind, nas = until(both)
    assert (blind["name"], blind["kind"], blind["everySeconds"]) == ("blind", "exec", 300)
    (stream,) = blind["streams"]
    assert stream["error"] == "the program ended with exit code 1: access denied"
    assert (stream["lastGoodLook"], stream["sees"], stream["noData"]) == (None, "results", "")
    (good,) = nas["streams"]
    assert (good["jobs"], good["newest"], good["error"], good["holes"]) == (1, "2026-11-27T02:10:00Z", "", [])
    until(lambda: reader.report({}).json().get("totalCount") == 1)


def test_every_report_of_both_generations_has_the_header_and_no_other_tenants_has(
    reader: App, collecting: Server
) -> None:
    def headers() -> list[str]:
        reports = [reader.report({}), *(reader.server.http.get(path, headers=reader.bearer) for path in PATHS)]
        return [answer.headers.get(HEADER, "") for answer in reports]

    until(lambda: all(headers()))
    assert set(headers()) == {"1970-01-01T00:00:00Z"}
    other = collecting.app("other", READ)
    assert HEADER not in other.report({}).headers
    assert ask(other) == {"completeUntil": None, "noData": [], "connectors": []}
    assert HEADER not in reader.server.http.post(REPORT, json={}).headers


PATHS = (FIND, SEARCH, f"{SUMMARY}?by=day", f"{EXPORT}?format=csv", "/api/series")


def test_the_client_tells_it_of_what_it_brings(reader: App, collecting: Server) -> None:
    until(lambda: HEADER in reader.report({}).headers)
    never = Completeness(datetime(1970, 1, 1, tzinfo=UTC))
    with JobReportClient(collecting.url, reader.client_id, reader.secret) as client:
        for page in (client.find(), client.search(), client.report(), client.summary(), client.find_series()):
            assert page.completeness == never
        with client.export(format="csv") as download:
            assert download.completeness == never
        assert [one.name for one in client.connectors().connectors] == ["blind", "nas"]
        assert msgspec.json.decode(msgspec.json.encode(client.find())).keys() == {"totalCount", "jobs", "nextLink"}
    other = collecting.app("another", READ)
    with JobReportClient(collecting.url, other.client_id, other.secret) as client:
        assert client.find().completeness is None
        assert client.connectors().complete_until is None


def test_who_may_not_read_learns_nothing(collecting: Server) -> None:
    writer = collecting.app("acme", WRITE_OWN)
    assert writer.server.http.get(CONNECTORS, headers=writer.bearer).status_code == 403
    assert writer.server.http.get(CONNECTORS).status_code == 401
