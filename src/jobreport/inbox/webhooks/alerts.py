"""Reads the webhooks of Alertmanager and Grafana, which have one form. Alerts are comments on a plan, not jobs."""

from typing import Final

import msgspec

from jobreport.inbox.report import Reading
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import json_of
from jobreport.runner.text import plural, shorten

_MOST: Final = 20
_LONGEST: Final = 400
_SAID: Final = ("summary", "description", "message")
_ABOUT: Final = ("instance", "job", "namespace", "host")


class _Alert(msgspec.Struct):
    status: str
    labels: dict[str, str]
    annotations: dict[str, str] = {}


class _Group(msgspec.Struct, rename="camel"):
    """`truncated_alerts` is how many the sender left out."""

    status: str
    alerts: list[_Alert]
    truncated_alerts: int = 0


def read(delivery: Delivery) -> Reading:
    """Returns the alerts as one comment. Raises UnreadableError."""
    group = json_of(delivery, _Group, "a group of alerts, as Alertmanager and Grafana post it")
    if not group.alerts:
        return Reading(ignored=f"a group without alerts, {shorten(group.status, 100)}")
    lines = [_line(alert) for alert in group.alerts[:_MOST]]
    more = len(group.alerts) - len(lines) + max(0, group.truncated_alerts)
    if more:
        lines.append(f"and {plural(more, 'alert')} more")
    return Reading(log="\n".join(lines))


def _line(alert: _Alert) -> str:
    name = alert.labels.get("alertname", "an alert without a name")
    about = next((alert.labels[label] for label in _ABOUT if alert.labels.get(label)), "")
    said = next((alert.annotations[name] for name in _SAID if alert.annotations.get(name)), "")
    words = f"{alert.status}: {name}" + (f" ({about})" if about else "") + (f": {said}" if said else "")
    return shorten(" ".join(words.split()), _LONGEST)
