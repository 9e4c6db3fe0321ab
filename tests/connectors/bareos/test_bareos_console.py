"""A Bareos director's console, asked by the director's own library: the whole list, what is hidden, what goes wrong."""

import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bareos_connector import wanted
from fakes.bareos_catalog import job, log
from fakes.bareos_director import PASSWORD, Director, serving

from clocks import Clock
from jobreport.connectors.collect import PassResult
from jobreport.connectors.kinds.bareos import KIND, console
from jobreport.connectors.kinds.bareos import director as reading
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job

Look = Callable[..., PassResult]
Jobs = Callable[[], dict[str, Job]]


@pytest.fixture
def director(clock: Clock) -> Director:
    return Director(clock)


@pytest.fixture
def told(director: Director, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The settings of a connector to the director, which makes no pause before it asks again."""
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    with serving(director) as address:
        yield {"address": address, "password_file": str(tmp_path / "password")}


def test_the_same_jobs_are_read_as_from_the_catalog(
    director: Director, told: dict[str, Any], clock: Clock, look: Look, jobs: Jobs
) -> None:
    begun = clock.now
    director.jobs = [job(1, begun), job(2, begun, "E", JobErrors=2), job(3, begun, "C"), job(4, begun, "R")]
    director.jobs.append(job(5, begun, Type="C", PriorJobId=1))
    director.logs[2] = [line["LogText"] for line in log(2, *["nothing"] * 300, "Error: the tape was full")]
    assert look(**told).whole
    found = jobs()
    assert {name: one.state for name, one in found.items()} == {
        "nightly_01": JobState.Successful,
        "nightly_02": JobState.Exception,
        "nightly_03": JobState.NotStarted,
        "nightly_04": JobState.InProgress,
    }
    assert found["nightly_02"].comments.splitlines()[1] == "fs1-dir JobId 2: Error: the tape was full"
    clock.pass_by(20 * 3600)
    director.jobs = [job(1, begun), job(4, begun, "A", took=3600)]
    assert look(**told).whole
    assert jobs()["nightly_04"].state is JobState.Stopped
    assert "not listed any more" in jobs()["nightly_03"].comments


def test_a_job_that_was_due_before_all_that_is_asked_for_is_asked_for_by_its_number(
    director: Director, told: dict[str, Any], clock: Clock, look: Look, jobs: Jobs
) -> None:
    """A list is limited by when jobs were due, however long they take."""
    begun = clock.now
    director.jobs = [job(1, begun, "R")]
    for files in range(1, 5):
        look(**told)
        clock.pass_by(20 * 3600)
        director.jobs = [job(1, begun, "R", JobFiles=files)]
    director.jobs = [job(1, begun, took=3 * 86_400), job(2, clock.now)]
    assert look(**told).whole
    assert [one.state for one in jobs().values()] == [JobState.Successful] * 2
    assert "llist jobid=1" in director.asked


def test_jobs_of_one_start_may_come_in_any_order_and_none_is_left_out(
    director: Director, told: dict[str, Any], clock: Clock, look: Look, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 5)
    director.jobs = [job(number, clock.now - (number // 7) * ticks.PER_SECOND) for number in range(1, 60)]
    assert look(**told).whole
    assert len(jobs()) == 59


def test_what_the_console_may_not_see_is_no_data_unless_it_is_meant(
    director: Director, told: dict[str, Any], clock: Clock, look: Look, jobs: Jobs
) -> None:
    director.jobs = [job(1, clock.now), job(2, clock.now, Name="secret"), job(3, clock.now, "R")]
    director.hidden = {"secret"}
    (looked,) = look(**told).streams
    assert looked.error.startswith("the director hides some of its jobs: the console's JobACL")
    assert sorted(jobs()) == ["nightly_01", "nightly_03"]
    director.hidden = {"secret", "nightly"}
    clock.pass_by(20 * 3600)
    assert look(**told, partial=True).whole
    assert jobs()["nightly_03"].state is JobState.InProgress  # it may be there, and be hidden
    tried = trial(wanted(**told), clock.now)
    assert [(right.name, right.held) for right in tried.rights if not right.held] == [
        ("JobACL, ClientACL, PoolACL and FileSetACL *all*", False)
    ]


def test_a_list_that_ends_early_is_noticed(director: Director, told: dict[str, Any], clock: Clock, look: Look) -> None:
    director.jobs = [job(number, clock.now) for number in range(1, 4)]
    director.forgets = {2}
    assert look(**told).streams[0].error == "the director listed 2 jobs, and should have listed 3"


@pytest.mark.parametrize(
    ("commands", "lacking"),
    [({".api", "llist"}, ["CommandACL list"]), ({".api", "list"}, ["CommandACL llist"])],
)
def test_a_command_that_the_console_may_not_give_is_a_right_that_is_missing(
    director: Director, told: dict[str, Any], clock: Clock, commands: set[str], lacking: list[str]
) -> None:
    director.jobs = [job(1, clock.now)]
    director.commands = commands
    with KIND.open(wanted(**told).settings) as connector:
        assert [right.name for right in connector.rights() if right.held is False] == lacking
    tried = trial(wanted(**told), clock.now)
    word = lacking[0].split()[1]
    said = f"access denied for the command {word}: the console's CommandACL has it not"
    assert said in {tried.error, *(stream.error for stream in tried.streams)}


def test_an_answer_that_breaks_off_is_asked_for_again(
    director: Director, told: dict[str, Any], clock: Clock, look: Look, jobs: Jobs
) -> None:
    director.jobs = [job(1, clock.now)]
    director.breaks_off = 2
    assert look(**told).whole
    assert len(jobs()) == 1
    director.breaks_off = 9
    assert look(**told).error.startswith("the director at 127.0.0.1 cannot be asked (")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("no JSON", "the director refuses llist: it does not say why"),
        ('{"result": {"jobs": "many"}}', "the director's answer has no list of jobs"),
        ('{"result": 7}', "the director has broken off its answer"),
        (
            '{"error": {"data": {"messages": {"error": ["Could not open database\\n"]}}}}',
            "the director refuses llist: Co",
        ),
    ],
)
def test_an_answer_that_is_no_list_is_no_empty_one(
    director: Director, told: dict[str, Any], clock: Clock, look: Look, answer: str, said: str
) -> None:
    hours = 30 * 24 + 1
    for extra in (hours, hours + 1):
        director.answers[f"llist jobs hours={extra} limit={reading.PAGE} offset=0"] = answer
    (looked,) = look(**told).streams
    assert looked.error.startswith(said)


def test_who_is_asked_and_who_asks_must_be_right(
    director: Director, told: dict[str, Any], look: Look, tmp_path: Path
) -> None:
    director.name = "another-dir"
    assert look(**told).error == "the director at 127.0.0.1 is called 'another-dir', and director says 'fs1-dir'"
    (tmp_path / "password").write_text("wrong\n")
    assert look(**told).error.startswith("the director does not take the console '*UserAgent*' with this password")
    (tmp_path / "password").unlink()
    assert look(**told).error.startswith("password_file: cannot read ")


def test_nothing_goes_unencrypted_to_another_machine(told: dict[str, Any], look: Look) -> None:
    """This Python may not be able to encrypt; then nothing is sent."""
    if console._Connection.is_tls_psk_available():
        pytest.skip("this Python encrypts by itself")
    said = look(**told | {"address": "192.0.2.1"}).error
    assert said.startswith("192.0.2.1 is another machine, and to encrypt (TLS-PSK) needs Python 3.13")


def test_a_director_that_has_gone_silent_is_not_waited_for_for_ever(
    told: dict[str, Any], look: Look, director: Director, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "ANSWER_SECONDS", 0.05)
    director.answers["llist clients"] = ""
    assert look(**told).error == "the director has said nothing for 0.05 seconds"


def test_the_library_says_nothing_of_the_key(
    told: dict[str, Any], look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    form = warnings.formatwarning
    with caplog.at_level(logging.DEBUG):
        assert look(**told).whole
    assert PASSWORD not in caplog.text
    assert [record for record in caplog.records if record.name in {"root", "bareos"}] == []
    assert warnings.formatwarning is form
