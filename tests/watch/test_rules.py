"""`[[notify]]` tables: whom a rule tells of what, and what is said of one that is wrong."""

from pathlib import Path
from typing import Final

import pytest

from jobreport.configuration.file import Configuration, ConfigurationError
from jobreport.model import ticks
from jobreport.model.catalog import ServiceType
from jobreport.model.incident_query import IncidentFilter
from jobreport.model.judgement import Verdict
from jobreport.model.notify_rule import Rule
from jobreport.model.quiet_hours import QuietHours
from jobreport.watch.rules import KEYS, rules_of

CHANNELS: Final = "".join(
    f'[[channel]]\nname = "{name}"\nkind = "pagerduty"\nrouting_key_file = "/etc/jobreport/key"\n'
    for name in ("mail", "pager")
)
GOOD: Final = CHANNELS + '[[notify]]\nname = "all"\nchannels = ["mail"]\n'


def read(text: str) -> tuple[Rule, ...]:
    return rules_of(Configuration(Path("jobreport.toml"), text))


def test_a_rule_without_more_tells_all_of_everything_at_once_and_daily() -> None:
    assert read(GOOD) == (Rule(name="all", channels=("mail",), after=1, repeat=ticks.PER_DAY),)
    assert read("") == ()


def test_what_a_daily_digest_tells_is_not_repeated_beside_it() -> None:
    letters = 'kind = "mail"\nhost = "mail.example.com"\nfrom = "a@example.com"\nto = ["b@example.com"]\n'
    text = f'[[channel]]\nname = "letters"\n{letters}{GOOD}'.replace('["mail"]', '["letters"]')
    for digest, repeat in (
        ('[[digest]]\nname = "daily"\nat = "07:00"\nchannels = ["letters"]\n', 0),
        ('[[digest]]\nname = "weekly"\nat = "07:00"\nevery = "week"\nweekday = "monday"\nchannels = ["letters"]\n', 1),
        ("", 1),
    ):
        (one,) = read(digest + text)
        assert one.repeat == repeat * ticks.PER_DAY
    (both,) = read(text.replace('["letters"]', '["letters", "mail"]'))
    assert both.repeat == ticks.PER_DAY


def test_all_that_a_rule_may_say() -> None:
    more = (
        'where = "tenant=acme,globex&serviceType=VM&plan=sql%20hourly&verdict=missed,Stale"\n'
        'after = 3\nrepeat = "0s"\nquiet = "22:00-7:30"\nzone = "europe/berlin"\n'
    )
    (one,) = read(GOOD.replace('["mail"]', '["pager", "mail", "pager"]') + more)
    assert one == Rule(
        name="all",
        channels=("pager", "mail"),
        tenants=("acme", "globex"),
        where=IncidentFilter(
            services=(ServiceType.VM,), plans=("sql hourly",), verdicts=(Verdict.MISSED, Verdict.STALE)
        ),
        after=3,
        repeat=0,
        quiet=QuietHours(22 * 60, 7 * 60 + 30, "Europe/Berlin"),
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('chanel = "x"', "line 12: notify 'all', chanel: is no key here: did you mean channels?"),
        ('where = "plam=nightly"', "line 12: notify 'all', where: plam is not a known parameter; did you mean plan?"),
        ('where = "verdict=mised"', "where: verdict"),
        ('where = "nightly"', 'must be parameters with & between them, such as "plan=nightly&verdict=missed"'),
        ("after = 0", "line 12: notify 'all', after: must be at least 1"),
        ('repeat = "5m"', 'repeat: must be "10m" or longer, or "0s" for never'),
        ('quiet = "22:00"', "quiet: '22:00' are no two times of day with a dash between them, such as 22:00-07:00"),
        ('quiet = "22:00-22:00"', "would never end"),
        ('quiet = "25:00-07:00"', "'25:00' is no time of day"),
        ('zone = "Berlin"', "zone: 'Berlin' is no time zone"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(more: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(GOOD + more)
    assert said in str(refused.value)


def test_a_channel_that_there_is_not_is_named() -> None:
    for text, said in (
        (
            GOOD.replace('["mail"]', '["mial"]'),
            "line 11: notify 'all', channels.1: there is no channel 'mial': did you",
        ),
        (GOOD.replace('["mail"]', "[]"), "line 11: notify 'all', channels: must name a channel at least"),
        (GOOD.removeprefix(CHANNELS), "the file has no [[channel]]"),
    ):
        with pytest.raises(ConfigurationError) as refused:
            read(text)
        assert said in str(refused.value)


def test_each_key_is_described() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(GOOD + "nothing_near = 1")
    told = str(refused.value).partition("there are ")[2].rstrip(".").split(", ")
    assert told == [*KEYS]
