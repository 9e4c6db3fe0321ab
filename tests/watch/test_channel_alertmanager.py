"""Alertmanager: alerts fire, go on and resolve with their incidents, and Alertmanager itself tells nothing twice."""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from clocks import Clock
from connecting import PATIENCE, connect, until
from installed import installed
from jobreport.clock import now_ticks
from jobreport.model import ticks
from jobreport.model.incident_groups import Common, Group
from jobreport.model.message import Delivery, Message, Step
from jobreport.store import Store
from jobreport.store.watch import delivered, deliveries, notices
from jobreport.watch.channels.alertmanager import ALERT, Alertmanager, Settings
from jobreport.watch.channels.base import Renewing, UndeliveredError
from jobreport.watch.delivery.renewing import renew
from jobreport.watch.delivery.sending import KEPT_DAYS, Sender
from receivers import Receiver, message, receiving, secret

MANY = 500
NAME = "prometheus"


def channel(url: str, **more: Any) -> Alertmanager:
    return Alertmanager(Settings(url=url, **more))


def lasts(alert: dict[str, Any]) -> int:
    """How long an alert goes on without being sent again, in seconds from its start."""
    return (ticks.from_iso(alert["endsAt"]) - ticks.from_iso(alert["startsAt"])) // ticks.PER_SECOND


def test_an_alert_fires_with_what_is_told_and_resolves_by_the_same_labels(tmp_path: Path) -> None:
    with receiving() as receiver:
        labels = {"team": "backup"}
        by = channel(receiver.url, labels=labels, token_file=secret(tmp_path, "a-token"))
        assert [*by.receivers()] == ["Alertmanager"]
        for one in (message(), message("i1.closed", step=Step.CLOSED), message("t", step=Step.TEST)):
            by.send(one, "Alertmanager")
    (fired,), (resolved,), (test,) = (request.document for request in receiver.requests)
    first = receiver.requests[0]
    assert first.path.endswith("/api/v2/alerts")
    assert first.headers["authorization"] == "Bearer a-token"
    assert fired["labels"].pop("incident").startswith("inc_")
    assert fired["labels"] == {"alertname": ALERT, "tenant": message().tenant_name, "team": "backup"}
    assert fired["annotations"] == {
        "summary": message().subject,
        "description": "\n".join([*message().lines, "and 10 more"]),
        "severity": "critical",
        "ticket": "OPS-4711",
    }
    assert fired["generatorURL"] == message().link
    assert lasts(fired) >= 24 * 3600
    assert {**fired["labels"], "incident": resolved["labels"]["incident"]} == resolved["labels"]
    assert "startsAt" not in resolved
    assert ticks.from_iso(resolved["endsAt"]) <= ticks.from_iso(fired["endsAt"]) - 23 * 3600 * ticks.PER_SECOND
    assert test["labels"]["incident"] != resolved["labels"]["incident"]


@pytest.mark.parametrize("labels", [{"tenant": "a"}, {"a-b": "c"}, {"__a": "b"}, {"a": ""}])
def test_labels_that_alertmanager_refuses_are_refused_at_once(labels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="labels: "):
        Settings(url="http://127.0.0.1:9093", labels=labels)


def opened(store: Store, number: int, *, closed: int = 0) -> Message:
    """A message about a group of incidents that goes on, or is over."""
    group = f"g{number:03d}"
    tenant = store.tenant_id("default", create=True)
    assert tenant == 1
    with store.writing() as transaction:
        notices.put_group(
            transaction,
            Group(
                tenant=tenant,
                group=group,
                rule="all",
                channels=(NAME,),
                common=Common.CAUSE,
                key="",
                begun=store.clock(),
                closed=closed,
            ),
        )
    return message(f"{group}.opened", at=store.clock())


def send(store: Store, by: Alertmanager, *messages: Message) -> None:
    with store.writing() as transaction:
        deliveries.add(transaction, [Delivery(one, NAME) for one in messages])
    for _ in Sender(store, {NAME: by}).send_due(NAME):
        pass


def alerts(receiver: Receiver, begin: int) -> list[dict[str, Any]]:
    """Those that were sent since so many requests."""
    return [alert for request in receiver.requests[begin:] for alert in request.document]


def test_what_goes_on_is_sent_again_however_old_and_what_is_over_is_not(store: Store, clock: Clock) -> None:
    with receiving() as receiver:
        by = channel(receiver.url)
        assert isinstance(by, Renewing)
        first, second = opened(store, 1), opened(store, 2)
        send(store, by, first, second, replace(first, id="g001.worse", step=Step.WORSE, subject="worse"))
        clock.pass_by((KEPT_DAYS + 1) * 24 * 3600)
        Sender(store, {NAME: by}).forget_delivered()
        renew(store, NAME, by)
        assert [one["annotations"]["summary"] for one in alerts(receiver, 3)] == ["worse", second.subject]
        opened(store, 1, closed=clock.now)
        send(store, by, replace(first, id="g001.z", step=Step.CLOSED, at=clock.now))
        renew(store, NAME, by)
        assert [one["annotations"]["summary"] for one in alerts(receiver, 5)] == [second.subject]
        opened(store, 2, closed=clock.now)
        renew(store, NAME, by)
        assert len(receiver.requests) == 6
        clock.pass_by((KEPT_DAYS + 1) * 24 * 3600)
        with store.writing() as transaction:
            assert delivered.delete_old(transaction, clock.now) == 4


def test_an_incident_that_ends_while_it_is_sent_again_does_not_come_back(store: Store, clock: Clock) -> None:
    with receiving() as receiver:
        by = channel(receiver.url)
        first, second = opened(store, 1), opened(store, 2)
        send(store, by, first, second)
        receiver.on_request = lambda _request: opened(store, 1, closed=clock.now) and None
        renew(store, NAME, by)
        again, ended = (request.document for request in receiver.requests[2:])
    assert len(again) == 2
    assert [(one["labels"], "startsAt" in one) for one in ended] == [(again[0]["labels"], False)]


def test_a_renewal_that_is_not_taken_loses_nothing(store: Store) -> None:
    with receiving() as receiver:
        by = channel(receiver.url)
        send(store, by, opened(store, 1))
        receiver.answers = [(503, {}), (200, {})]
        with pytest.raises(UndeliveredError):
            by.renew([message()])
        receiver.answers = [(503, {}), (200, {})]
        renew(store, NAME, by)
        renew(store, NAME, by)
        assert len(alerts(receiver, 3)) == 1


CONFIGURATION = """
global: {{resolve_timeout: 1s}}
route: {{receiver: people, group_by: [alertname], group_wait: 3s, group_interval: 1s, repeat_interval: 4h}}
receivers: [{{name: people, webhook_configs: [{{url: '{url}', send_resolved: true, max_alerts: 0}}]}}]
"""


@contextmanager
def alertmanager(folder: Path) -> Iterator[httpx.Client]:
    """Alertmanager itself, with what it kept in the folder."""
    program = installed("prometheus-alertmanager", "prometheus-alertmanager")
    words = (f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/data")
    log = folder / "log"
    with log.open("wb") as out:
        own = ("--web.listen-address=127.0.0.1:0", "--cluster.listen-address=")
        with subprocess.Popen([program, *words, *own], stdout=out, stderr=out) as running:
            try:
                said = re.compile(r'msg="?Listening on"? address=(\S+)')
                (address,) = until(lambda: said.findall(log.read_text()), "its address")
                with closing(connect(f"http://{address}")) as http:
                    yield http
            finally:
                running.send_signal(signal.SIGTERM)
                running.wait(PATIENCE)


def notified(receiver: Receiver, name: str) -> list[tuple[str, int]]:
    """What people were told of the alerts of a name: whether they fire, and how many."""
    told_ = [request.document for request in receiver.requests]
    return [(one["status"], len(one["alerts"])) for one in told_ if one["groupLabels"]["alertname"] == name]


def another(http: httpx.Client, people: Receiver, name: str) -> list[tuple[str, int]]:
    """Lets another alert go on for a second, and returns what people were told of it."""
    assert http.post("/api/v2/alerts", json=[{"labels": {"alertname": name}}]).status_code == 200
    return notified(people, name)


def test_alertmanager_tells_of_500_at_once_and_never_that_one_is_over_which_goes_on(tmp_path: Path) -> None:
    # A minute ahead, since Alertmanager waits for others of a group only if an alert has begun just now.
    begun = now_ticks() + 60 * ticks.PER_SECOND
    messages = [message(f"g{number:03d}.opened", at=begun) for number in range(MANY)]
    with receiving() as people:
        (tmp_path / "alertmanager.yml").write_text(CONFIGURATION.format(url=people.url))
        with alertmanager(tmp_path) as http:
            by = channel(str(http.base_url))
            by.renew(messages)
            until(lambda: notified(people, ALERT), "the alerts")
            assert notified(people, ALERT) == [("firing", MANY)]
            # Nobody renews either any more: of the other one it is told that it is over.
            until(lambda: another(http, people, "Another"), "another alert")
            until(lambda: ("resolved", 1) in notified(people, "Another"), "the end of another alert")
            assert notified(people, ALERT) == [("firing", MANY)]
        with alertmanager(tmp_path) as http:
            by = channel(str(http.base_url))
            by.renew(messages)
            until(lambda: len(http.get("/api/v2/alerts").json()) == MANY, "the alerts again")
            until(lambda: another(http, people, "Later"), "a later alert")
            assert notified(people, ALERT) == [("firing", MANY)]
            by.renew([], messages)
            until(lambda: ("resolved", MANY) in notified(people, ALERT), "the good news")
            assert notified(people, ALERT) == [("firing", MANY), ("resolved", MANY)]
