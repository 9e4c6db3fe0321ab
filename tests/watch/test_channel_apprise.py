"""Other services by Apprise: each address is told by itself, and none of them is shown."""

from pathlib import Path

import pytest

from jobreport.model.message import Step
from jobreport.watch.channels.base import UndeliveredError
from jobreport.watch.channels.other_services import OtherServices, Settings
from receivers import message, receiving, secret


def channel(file: str) -> OtherServices:
    return OtherServices(Settings(address_file=file))


def test_each_address_is_a_receiver_of_its_own_whose_name_is_no_secret(tmp_path: Path) -> None:
    with receiving() as one, receiving() as other:
        addresses = [one.url.replace("http", "json"), other.url.replace("http", "json")]
        to = channel(secret(tmp_path, *addresses))
        first, second = to.receivers()
        assert first.startswith("json ")
        assert "secret-path" not in first + second
        to.send(message(), first)
        to.send(message("i1.closed", step=Step.CLOSED), second)
        (opened,), (closed,) = one.requests, other.requests
    assert opened.document["title"] == f"[Müller & Söhne] {message().subject}"
    assert opened.document["message"].startswith("- web-1:/home: expected 02:00, 1 h grace")
    assert (opened.document["type"], closed.document["type"]) == ("failure", "success")
    assert channel(secret(tmp_path, *reversed(addresses))).receivers() == (second, first)


def test_a_service_that_does_not_take_it_is_said_to_be_so_without_its_address(tmp_path: Path) -> None:
    with receiving() as receiver:
        receiver.answers = [(500, {})]
        to = channel(secret(tmp_path, receiver.url.replace("http", "json")))
        with pytest.raises(UndeliveredError) as raised:
            to.send(message(), to.receivers()[0])
    assert (raised.value.why, raised.value.alone) == ("JSON has not taken it", True)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("no-such-service://token", "line 1 is no address that Apprise knows"),
        ("hassio", "line 1 is no address that Apprise knows"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#one/#two", "line 1 has 2 targets"),
    ],
)
def test_an_address_that_cannot_be_told_by_itself_is_refused_and_not_shown(
    tmp_path: Path, address: str, why: str
) -> None:
    with pytest.raises(UndeliveredError, match=why) as raised:
        channel(secret(tmp_path, address)).receivers()
    assert address not in str(raised.value)
