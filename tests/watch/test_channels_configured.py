"""`[[channel]]` in `jobreport.toml`: what each kind is told, and what is said of what is wrong."""

from pathlib import Path

import pytest

from jobreport.configuration.file import Configuration, ConfigurationError
from jobreport.watch.channels import kinds
from jobreport.watch.channels.configured import configured, opened

GOOD = """
[[channel]]
name = "admins"
kind = "mail"
host = "mail.example.com"
from = "backup@example.com"
to = ["anna@example.com"]
user = "backup"
password_file = "/etc/jobreport/mail"

[[channel]]
name = "tickets"
kind = "webhook"
url = "https://tickets.example.com/hook"
secret_file = "/etc/jobreport/hook"

[[channel]]
name = "pager"
kind = "pagerduty"
routing_key_file = "/etc/jobreport/pager"

[[channel]]
name = "chat"
kind = "apprise"
address_file = "/etc/jobreport/chat"
"""


def read(text: str) -> Configuration:
    return Configuration(Path("jobreport.toml"), text)


def test_each_kind_is_read_and_opened_without_its_files() -> None:
    found = configured(read(GOOD))
    assert [(one.name, one.kind.name) for one in found] == [
        ("admins", "mail"),
        ("tickets", "webhook"),
        ("pager", "pagerduty"),
        ("chat", "apprise"),
    ]
    assert [*opened(found)] == ["admins", "tickets", "pager", "chat"]
    assert [one.kind.name for one in found if not one.kind.digests] == ["pagerduty"]


@pytest.mark.parametrize("name", kinds.OWN)
def test_each_kind_describes_each_of_its_keys(name: str) -> None:
    kind = kinds.load(name)
    assert kind.name == name
    assert {*kind.keys} == {*kind.settings.__struct_encode_fields__}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "mail"', 'kind = "mial"', "line 4: channel 'admins', kind: there is no kind 'mial' of channels: did"),
        ('to = ["anna@example.com"]', "to = []", "to must have 1 to 50 different addresses"),
        ('to = ["anna@example.com"]', 'to = ["anna"]', r"to\.1: must be a mail address in ASCII"),
        ('to = ["anna@example.com"]', "", "channel 'admins': to is missing"),
        ('user = "backup"', "", "user and password_file go together"),
        ('user = "backup"', 'user = "backup"\nsecurity = "none"', "is for a server on this machine only"),
        ("https://tickets", "http://tickets", "url must begin with https"),
        ('url = "https', 'url_file = "/x"\nurl = "https', "it must have one of url and url_file"),
        ('name = "pager"', 'name = "chat"', "another channel has this name"),
        ('routing_key_file = "', 'routing_key = "', "did you mean routing_key_file"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_is_right(old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        configured(read(GOOD.replace(old, new, 1)))
