"""Who may ask Backrest, what a trial says of it, and how it is set up."""

from pathlib import Path

import pytest
from backrest_looks import Look, Serve, wanted
from fakes.backrest.backrest_server import Instance, snapshot
from fakes.loopback import Reply

from clocks import Clock
from jobreport.configuration.check import Fault, checked
from jobreport.connectors.kinds.backrest import Settings
from jobreport.connectors.trial import trial
from jobreport.model.catalog import JobState


@pytest.fixture
def password(tmp_path: Path) -> str:
    file = tmp_path / "password"
    file.write_text("pa:ss wörd\n", encoding="utf-8")
    return str(file)


def test_a_user_is_asked_for_and_a_trial_shows_what_a_look_would_bring(
    instance: Instance, url: str, password: str, clock: Clock
) -> None:
    instance.user = ("jobs", "pa:ss wörd")
    instance.add(**snapshot(1))
    found = trial(wanted(url, user="jobs", password_file=password), clock.now)
    assert [(right.name, right.held) for right in found.rights] == [("a user of Backrest", True)]
    assert [(one.stream.name, one.states) for one in found.streams] == [("nas-1", {JobState.Successful: 1})]
    assert found.whole


def test_who_is_not_taken_is_told_so(instance: Instance, url: str, password: str, clock: Clock, look: Look) -> None:
    instance.user = ("jobs", "another")
    refused = "Backrest does not take the credentials"
    asked = f"{refused}: it asks for a user, whom user and password_file name"
    cases: list[tuple[dict[str, str], str]] = [({}, asked), ({"user": "jobs", "password_file": password}, refused)]
    for settings, said in cases:
        found = trial(wanted(url, **settings), clock.now)
        assert found.error == said
        assert look(**settings).error == found.error


def test_what_is_no_backrest_is_told(serve: Serve, look: Look, clock: Clock) -> None:
    assert look(serve(lambda request: Reply(b"<html>"))).error.startswith("the answer to GetConfig is not understood")
    assert "GetConfig" in look(serve(lambda request: Reply(status=404))).error


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"url": "http://backrest.example.com"}, "url must begin with https"),
        ({"url": "https://b.example.com", "user": "jobs"}, "user and password_file belong together"),
        ({"url": "https://b.example.com", "password_file": "x"}, "user and password_file belong together"),
        ({"url": "https://b.example.com", "user": "a:b", "password_file": "x"}, "user must have no colon"),
        ({"url": "https://b.example.com", "remembers": 5}, "remembers"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_with_words(settings: dict[str, object], said: str) -> None:
    with pytest.raises(Fault) as raised:
        checked(settings, Settings)
    assert said in f"{raised.value.path} {raised.value.message}"
