"""Which addresses and parameters are pings in the words of Healthchecks, and what each says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.inbox.pings import healthchecks
from jobreport.inbox.pings.ping import Refused, Target
from jobreport.model.ping import Signal

UUID = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
KEY = "fqOOd6-F4MMNuCEnzTU01w"
RUN = "123e4567-e89b-12d3-a456-426614174000"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (UUID, (Target(UUID), "")),
        (f"{UUID}/start", (Target(UUID), "start")),
        (f"{UUID}/17", (Target(UUID), "17")),
        (f"{UUID}/nonsense", (Target(UUID), "nonsense")),
        (f"{KEY}/database-backup", (Target(KEY, "database-backup"), "")),
        (f"{KEY}/a_1/log", (Target(KEY, "a_1"), "log")),
        (f"{KEY}/start", (Target(KEY, "start"), "")),
        (f"{KEY}/start/start", (Target(KEY, "start"), "start")),
    ],
)
def test_a_path_names_an_inbox_and_a_signal(path: str, found: tuple[Target, str]) -> None:
    assert healthchecks.target_of(path.split("/")) == found


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (UUID.upper(), 404),
        (UUID.replace("-", ""), 404),
        (f"{UUID}/start/start", 404),
        ("not-a-uuid", 404),
        (f"{KEY}/Database-Backup", 400),
        (f"{KEY}/db/nonsense", 404),
        (f"{KEY}/db/start/start", 404),
        (f"{KEY}/über", 404),
        (f"{KEY}/{'a' * 101}", 404),
        ("../../etc/passwd", 404),
    ],
)
def test_other_paths_are_nobodys(path: str, status: int) -> None:
    with pytest.raises(Refused) as refused:
        healthchecks.target_of(path.split("/"))
    assert refused.value.status == status


@pytest.mark.parametrize(
    ("word", "signal", "status"),
    [
        ("", Signal.SUCCESS, None),
        ("start", Signal.START, None),
        ("fail", Signal.FAIL, None),
        ("log", Signal.LOG, None),
        ("0", Signal.SUCCESS, 0),
        ("000", Signal.SUCCESS, 0),
        ("1", Signal.FAIL, 1),
        ("255", Signal.FAIL, 255),
    ],
)
def test_a_word_is_a_signal(word: str, signal: Signal, status: int | None) -> None:
    ping = healthchecks.read(word, [("rid", RUN.upper()), ("create", "1"), ("else", "")])
    assert (ping.signal, ping.exit_status, ping.run) == (signal, status, RUN)


@pytest.mark.parametrize(("word", "status"), [("256", 400), ("9" * 5000, 400), ("²", 404), ("-1", 404), ("START", 404)])
def test_other_words_are_refused(word: str, status: int) -> None:
    with pytest.raises(Refused) as refused:
        healthchecks.read(word, [])
    assert refused.value.status == status


@pytest.mark.parametrize("run", ["", "x", RUN.replace("-", ""), f"{{{RUN}}}", f"{RUN}0", f"urn:uuid:{RUN}"])
def test_a_run_is_named_by_a_uuid_alone(run: str) -> None:
    with pytest.raises(Refused, match="400 invalid uuid format"):
        healthchecks.read("start", [("rid", run)])


@given(st.lists(st.text(max_size=50), min_size=1, max_size=5), st.lists(st.tuples(st.text(), st.text())))
def test_whatever_is_asked_is_read_or_refused(parts: list[str], query: list[tuple[str, str]]) -> None:
    answer = ""
    try:
        target, word = healthchecks.target_of(parts)
        ping = healthchecks.read(word, query)
    except Refused as refused:
        answer = str(refused)
    else:
        assert target.secret == parts[0]
        assert ping.exit_status is None or 0 <= ping.exit_status <= 255
    assert answer in {"", "404 not found", "400 invalid url format", "400 invalid uuid format"}
