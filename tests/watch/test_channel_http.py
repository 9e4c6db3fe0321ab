"""Webhooks and PagerDuty: what is posted, its signature, and what each answer means."""

import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook as Verifier

from jobreport.model.message import Severity, Step
from jobreport.watch.channels import http, pagerduty, webhook
from jobreport.watch.channels.base import UndeliveredError
from receivers import Receiver, message, receiving, secret

OLD, NEW = (f"whsec_{base64.b64encode(bytes([number]) * 24).decode()}" for number in (1, 2))


def posting(receiver: Receiver, folder: Path, *secrets: str, **more: str) -> webhook.Webhook:
    told = {"url": receiver.url, "secret_file": secret(folder, *(secrets or (NEW,))), **more}
    return webhook.Webhook(webhook.Settings(**told))


def fault(channel: webhook.Webhook | pagerduty.PagerDuty) -> UndeliveredError:
    with pytest.raises(UndeliveredError) as raised:
        channel.send(message(), channel.receivers()[0])
    return raised.value


def test_a_webhook_is_verified_by_the_library_of_those_who_wrote_the_standard(tmp_path: Path) -> None:
    with receiving() as receiver:
        posting(receiver, tmp_path, NEW, OLD).send(message(), "")
        (request,) = receiver.requests
    for one in (NEW, OLD):
        assert Verifier(one).verify(request.body, dict(request.headers)) == {
            "type": "incident.opened",
            "timestamp": "2025-11-29T08:00:00Z",
            "data": {
                "incident": "i1",
                "step": "opened",
                "tenant": "Müller & Söhne",
                "severity": "critical",
                "subject": message().subject,
                "lines": list(message().lines),
                "more": 10,
                "ticket": "OPS-4711",
                "link": message().link,
            },
        }
    assert request.headers["content-type"] == "application/json"


def test_a_repeated_webhook_has_its_id_and_that_of_another_message_or_tenant_has_another(tmp_path: Path) -> None:
    others = (message("i1.closed", step=Step.CLOSED), message(tenant=2), message("t", step=Step.TEST))
    with receiving() as receiver:
        channel = posting(receiver, tmp_path)
        for one in (message(), message(), *others):
            channel.send(one, "")
        first, again, *rest = [request.headers["webhook-id"] for request in receiver.requests]
    assert first == again
    assert len({first, *rest}) == 4
    assert "." not in first


def test_an_address_that_is_a_secret_is_in_a_file_and_in_no_message(tmp_path: Path) -> None:
    with receiving() as receiver:
        channel = posting(receiver, tmp_path, url="", url_file=secret(tmp_path, receiver.url))
        channel.send(message(), "")
        receiver.answers = [(404, {})]
        found = fault(channel)
    assert [request.path for request in receiver.requests] == ["/hook/secret-path"] * 2
    assert found.why == "127.0.0.1 answers 404 Not Found"


@pytest.mark.parametrize(
    ("answer", "why", "alone", "for_good", "after"),
    [
        ((400, {}), "127.0.0.1 answers 400 Bad Request", True, False, 0),
        ((401, {}), "127.0.0.1 answers 401 Unauthorized", False, False, 0),
        ((410, {}), "127.0.0.1 answers 410 Gone", False, True, 0),
        ((429, {"Retry-After": "120"}), "127.0.0.1 answers 429 Too Many Requests", False, False, 120),
        ((500, {"Retry-After": "soon"}), "127.0.0.1 answers 500 Internal Server Error", False, False, 0),
        ((503, {"Retry-After": "999999999"}), "127.0.0.1 answers 503 Service Unavailable", False, False, 3600),
        (
            (302, {"Location": "http://192.0.2.1/"}),
            "127.0.0.1 answers 302 Found: the address has moved, and the new one must be named",
            False,
            False,
            0,
        ),
        ("cut", "127.0.0.1 cannot be reached: it broke off the connection", False, False, 0),
    ],
)
def test_what_an_answer_means(tmp_path: Path, answer: Any, why: str, alone: bool, for_good: bool, after: float) -> None:
    with receiving() as receiver:
        receiver.answers = [answer]
        found = fault(posting(receiver, tmp_path))
        assert len(receiver.requests) == 1
    assert (found.why, found.alone, found.for_good, found.after) == (why, alone, for_good, after)


def test_who_answers_that_it_is_taken_and_breaks_off_then_has_it(tmp_path: Path) -> None:
    with receiving() as receiver:
        receiver.answers = [(200, {"Content-Length": "100", "Connection": "close"})]
        posting(receiver, tmp_path).send(message(), "")
        receiver.answers = [(503, {"Content-Length": "100", "Connection": "close"})]
        assert "answers 503" in fault(posting(receiver, tmp_path)).why


def test_the_reason_of_a_receiver_is_shown_without_what_a_terminal_would_do() -> None:
    given = {"status_code": 500, "extensions": {"reason_phrase": b"\x1b[31mno" + b"o" * 500}}
    said = http._refused("receiver.test", httpx.Response(**given))
    assert said.why == f"receiver.test answers 500 [31mno{'o' * 94}"


def test_a_retry_after_may_be_a_date(tmp_path: Path) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(minutes=30), usegmt=True)
    with receiving() as receiver:
        receiver.answers = [(503, {"Retry-After": until})]
        assert 0 < fault(posting(receiver, tmp_path)).after <= 1800


def test_a_receiver_that_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "STEP_SECONDS", 0.2)
    with receiving() as receiver:
        receiver.answers = ["slow"]
        assert fault(posting(receiver, tmp_path)).why == "127.0.0.1 does not answer in 0.2 s"


@pytest.mark.parametrize("lines", [["whsec_short"], ["whsec_ümlaut"], [NEW, "whsec_" + "A" * 100], ["", " "]])
def test_a_secret_that_signs_nothing_safely_is_refused_without_being_shown(tmp_path: Path, lines: list[str]) -> None:
    with receiving() as receiver:
        found = fault(posting(receiver, tmp_path, *lines))
        assert not receiver.requests
    assert found.why.startswith("secret_file: ")
    assert not any(line.strip() and line in found.why for line in lines)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://example.com/hook", "must begin with https"),
        ("ftp://example.com", "must be an address"),
        ("https://anna@example.com/", "must be an address"),
        ("example.com/hook", "must be an address"),
    ],
)
def test_an_address_where_anybody_could_listen_is_refused(tmp_path: Path, address: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"url {why}"):
        webhook.Settings(url=address, secret_file="s")
    with receiving() as receiver:
        found = fault(posting(receiver, tmp_path, url="", url_file=secret(tmp_path, address)))
    assert why in found.why


def paging(receiver: Receiver, folder: Path) -> pagerduty.PagerDuty:
    key = secret(folder, "R0UT1NGKEY")
    return pagerduty.PagerDuty(pagerduty.Settings(routing_key_file=key, url=receiver.url))


def test_pagerduty_opens_an_alert_for_an_incident_and_resolves_it_with_it(tmp_path: Path) -> None:
    with receiving() as receiver:
        channel = paging(receiver, tmp_path)
        for one in (message(), message("i1.2", step=Step.REPEATED), message("i1.closed", step=Step.CLOSED)):
            channel.send(one, "")
        channel.send(message("i2.opened", severity=Severity.WARNING, link="", ticket=""), "")
        opened, repeated, closed, other = [request.document for request in receiver.requests]
    assert opened["payload"] == {
        "summary": message().subject,
        "source": "Müller & Söhne",
        "severity": "critical",
        "timestamp": "2025-11-29T08:00:00Z",
        "custom_details": {
            "tenant": "Müller & Söhne",
            "lines": list(message().lines),
            "more": 10,
            "ticket": "OPS-4711",
        },
    }
    assert opened["links"] == [{"href": message().link, "text": "Show it"}]
    assert closed == {
        "routing_key": "R0UT1NGKEY",
        "event_action": "resolve",
        "dedup_key": "i1",
    }
    assert [one["dedup_key"] for one in (opened, repeated, other)] == ["i1", "i1", "i2"]
    assert (other["payload"]["severity"], "links" in other) == ("warning", False)


def test_a_test_of_pagerduty_leaves_nothing_open(tmp_path: Path) -> None:
    with receiving() as receiver:
        paging(receiver, tmp_path).send(message("test-1", step=Step.TEST), "")
        opened, resolved = [request.document for request in receiver.requests]
    assert (opened["event_action"], resolved["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == resolved["dedup_key"]
