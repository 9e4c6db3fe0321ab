"""`[[digest]]` and `[deadman]` in `jobreport.toml`: what they say, and what is said of what is wrong."""

from pathlib import Path

import pytest

from jobreport.configuration.file import Configuration, ConfigurationError
from jobreport.model.digest_schedule import Schedule
from jobreport.model.nights import NightHours
from jobreport.watch.channels.configured import configured
from jobreport.watch.delivery.deadman import deadman
from jobreport.watch.digests.configured import Digest, digests

CHANNELS = """
[[channel]]
name = "admins"
kind = "mail"
host = "mail.example.com"
from = "backup@example.com"
to = ["anna@example.com"]

[[channel]]
name = "pager"
kind = "pagerduty"
routing_key_file = "/etc/jobreport/pager"
"""


def read(lines: str) -> tuple[Digest, ...]:
    file = Configuration(Path("jobreport.toml"), f'{CHANNELS}\n[[digest]]\nname = "morning"\n{lines}\n')
    return digests(file, configured(file))


def test_a_digest_is_due_by_its_own_zone() -> None:
    assert read(
        'at = "07:30"\nzone = "europe/berlin"\nevery = "week"\nweekday = "friday"\nchannels = ["admins"]\n'
        'tenants = ["acme"]\ntogether = true\nattach = "xlsx"\nfolder = "/srv/reports"'
    ) == (
        Digest(
            name="morning",
            schedule=Schedule(at=NightHours("Europe/Berlin", 450), weekday=4),
            channels=("admins",),
            tenants=("acme",),
            together=True,
            attach="xlsx",
            folder="/srv/reports",
        ),
    )
    (monthly,) = read('at = "00:00"\nevery = "month"\nday = 28\nchannels = ["admins"]')
    assert monthly.schedule == Schedule(at=NightHours("UTC", 0), day=28)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('at = "7 Uhr"\nchannels = ["admins"]', "'7 Uhr' is no time of day"),
        ('at = "07:00"\nzone = "Europe/Berlni"\nchannels = ["admins"]', "did you mean Europe/Berlin"),
        ('at = "07:00"\nchannels = ["admin"]', r"channels\.1: there is no channel 'admin': did you mean admins"),
        ('at = "07:00"\nchannels = ["pager"]', "a channel of the kind pagerduty takes no digests"),
        ('at = "07:00"', "it must have channels, or a folder"),
        ('at = "07:00"\nfolder = "reports"', "folder must be an absolute path"),
        ('at = "07:00"\nchannels = ["admins"]\nevery = "week"', "weekday goes with every"),
        ('at = "07:00"\nchannels = ["admins"]\nday = 3', "day goes with every"),
        ('at = "07:00"\nchannels = ["admins"]\nevery = "month"\nday = 31', "must be at least 1 and at most 28"),
        ('at = "07:00"\nchannels = ["admins"]\nattach = "pdf"', "must be one of"),
    ],
)
def test_what_is_wrong_in_a_digest_is_told(lines: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read(lines)


def test_without_a_table_there_is_no_switch() -> None:
    assert deadman(Configuration(None, "")) is None
    found = deadman(Configuration(Path("jobreport.toml"), '[deadman]\nurl = "https://hc.example.com/x"\nevery = "5m"'))
    assert found is not None
    assert found.every == 300


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("", "it must have one of url and url_file"),
        ('url = "http://hc.example.com/x"', "url must begin with https"),
        ('url = "https://hc.example.com/x"\nevery = "2h"', "every must be from 10s to 1h"),
    ],
)
def test_what_is_wrong_in_a_switch_is_told(lines: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"line .: deadman: {message}"):
        deadman(Configuration(Path("jobreport.toml"), f"[deadman]\n{lines}"))
