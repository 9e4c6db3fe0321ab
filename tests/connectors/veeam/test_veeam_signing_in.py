"""Signing in to a backup server: the newest revision of both, its own certificate, its user's rights."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes.loopback import Reply, Request, serving
from fakes.veeam.veeam_records import session
from fakes.veeam.veeam_server import PASSWORD, FakeVeeam

from certificates import for_this_machine
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.veeam.settings import VERSIONS, Settings
from jobreport.connectors.trial import trial
from jobreport.model import ticks

Configure = Callable[..., Configured]
GOOD: dict[str, Any] = {"url": "https://vbr-1:9419", "user": "u", "password_file": "f"}


def test_every_question_bears_the_newest_revision_that_both_sides_know(veeam: FakeVeeam, configure: Configure) -> None:
    veeam.revisions = ("1.1-rev0", "1.2-rev1")
    assert trial(configure(), veeam.now).whole
    begun = [one.path for one in veeam.asked].index("/api/oauth2/token")
    assert VERSIONS[begun - 1] == "1.2-rev1"
    assert {one.path for one in veeam.asked[:begun]} == {"/api/v1/serverTime"}
    assert {one.headers["x-api-version"] for one in veeam.asked[begun:]} == {"1.2-rev1"}
    assert not any("authorization" in one.headers for one in veeam.asked[:begun])


@pytest.mark.parametrize("revision", ["1.1-rev0", "1.2-rev1", "1.3-rev2"])
def test_a_revision_that_is_configured_is_asked_for(veeam: FakeVeeam, configure: Configure, revision: str) -> None:
    record = session(1, veeam.now - ticks.PER_DAY // 4, veeam.now, "Failed")
    if revision == "1.1-rev0":
        record["sessionType"] = "Job"
        record["activityId"] = record.pop("jobId")
        del record["platformName"]
    veeam.put(record)
    found = trial(configure(api_version=revision), veeam.now + ticks.PER_SECOND)
    assert found.whole, found
    assert sum(found.streams[0].states.values()) == 1
    assert {one.headers["x-api-version"] for one in veeam.asked} == {revision}
    assert ("/api/v1/taskSessions" in veeam.paths()) == (revision != "1.1-rev0")


@pytest.mark.parametrize(
    ("revisions", "wanted", "said"),
    [
        (("1.1-rev0",), "1.2-rev1", "does not know revision 1.2-rev1 of its API: leave api_version out"),
        (
            ("9.9-rev9",),
            "",
            "knows none of the revisions 1.1-rev0 to 1.3-rev2 of its API, or url is not that of its API",
        ),
    ],
)
def test_a_revision_that_the_server_does_not_know_is_told(
    veeam: FakeVeeam, configure: Configure, revisions: tuple[str, ...], wanted: str, said: str
) -> None:
    veeam.revisions = revisions
    assert trial(configure(api_version=wanted), veeam.now).error == f"the Veeam server {said}"


@pytest.mark.parametrize(
    ("iana", "offset", "hour"),
    [("Europe/Berlin", "+02:00", 11), ("Nowhere/Land", "+02:00", 10), ("", "-03:30", 15), ("", "", 12)],
)
def test_times_without_a_zone_are_read_in_the_servers(
    veeam: FakeVeeam, configure: Configure, iana: str, offset: str, hour: int
) -> None:
    veeam.iana, veeam.zone = iana, offset or "Z"
    veeam.put(session(1, veeam.now, veeam.now, creationTime="2026-11-11T12:00:00", endTime="2026-11-11T12:30:00"))
    veeam.now = ticks.from_iso("2026-11-11T20:00:00Z")
    newest = trial(configure(), veeam.now).streams[0].newest
    assert newest is not None
    assert ticks.to_datetime(newest.start).hour == hour


def test_a_password_that_is_not_taken_is_tried_once(veeam: FakeVeeam, configure: Configure, password: Path) -> None:
    password.write_text("wrong\n")
    found = trial(configure(), veeam.now)
    assert found.error == (
        "the Veeam server does not take the user and the password; it cannot ask for a second factor here"
    )
    assert veeam.paths().count("/api/oauth2/token") == 1
    password.unlink()
    assert trial(configure(), veeam.now).error.startswith("password_file: cannot read ")


def test_the_password_and_the_token_are_in_no_address_and_in_no_message(veeam: FakeVeeam, configure: Configure) -> None:
    def fail(request: Request) -> None:
        if request.path == "/api/v1/sessions":
            veeam.faults = [Reply({"errorCode": "UnknownError", "message": f"{PASSWORD} token-0"}, 418)]

    veeam.behind = fail
    found = trial(configure(), veeam.now)
    assert "418" in found.error
    for word in (PASSWORD, "token-0"):
        assert word not in found.error
        assert not any(word in str((one.path, one.query)) for one in veeam.asked)


def test_its_own_certificate_is_checked_against_the_file_that_names_it(
    veeam: FakeVeeam, configure: Configure, tmp_path: Path
) -> None:
    certificate = for_this_machine(tmp_path)
    with serving(veeam, certificate) as url:
        assert trial(configure(url=url, ca_file=str(certificate[0])), veeam.now).whole
        assert "its certificate is not trusted" in trial(configure(url=url), veeam.now).error


def test_each_right_is_asked_for_and_says_what_stays_invisible(veeam: FakeVeeam, configure: Configure) -> None:
    found = trial(configure(), veeam.now)
    assert [right.held for right in found.rights] == [True] * len(found.rights)
    veeam.denied = {"/api/v1/taskSessions"}
    found = trial(configure(), veeam.now)
    lacking = [right for right in found.rights if not right.held]
    assert [right.without for right in lacking] == [
        "how many machines of a job with warnings or errors were saved",
    ]
    assert not found.whole


def test_who_wants_no_next_runs_needs_no_right_for_them(veeam: FakeVeeam, configure: Configure) -> None:
    veeam.denied = {"/api/v1/jobs/states"}
    assert [one.stream.name for one in trial(configure(next_runs=False), veeam.now).streams] == ["sessions"]
    assert trial(configure(next_runs=False), veeam.now).whole


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": "http://vbr-1:9419"}, "url must begin with https"),
        ({"user": ""}, "user must not be empty"),
        ({"password_file": ""}, "password_file must not be empty"),
        ({"api_version": "latest"}, "api_version must be a revision of the API"),
    ],
)
def test_settings_that_are_wrong_are_told(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Settings(**{**GOOD, **change})


def test_the_server_is_called_by_its_host_unless_it_has_a_name() -> None:
    assert Settings(**GOOD).name == "vbr-1"
    assert Settings(**GOOD, server="backup server").name == "backup server"
