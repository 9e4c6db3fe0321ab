"""The kind `pagerduty`: opens an alert at PagerDuty for each incident, and resolves it with the incident.

PagerDuty puts all events with one `dedup_key` into one alert; ours is the incident. So a repeated delivery opens
nothing twice.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from jobreport.model import ticks
from jobreport.model.message import Message, Step
from jobreport.watch.channels import http, identities, secret_lines
from jobreport.watch.channels.base import Kind

URL: Final = "https://events.pagerduty.com/v2/enqueue"
_MOST_SUMMARY: Final = 1024
"""So many characters a summary may have there."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a channel of this kind."""

    routing_key_file: str
    url: str = URL
    ca: str = ""

    def __post_init__(self) -> None:
        http.check("url", self.url)


KEYS: Final = {
    "routing_key_file": "A file with the integration key of the service there (Events API v2).",
    "url": "Its address; by default that of the service region of the United States. In the EU: "
    "`https://events.eu.pagerduty.com/v2/enqueue`.",
    "ca": "A PEM file with the authority of its certificate; by default those that this machine trusts.",
}


class PagerDuty:
    """A channel by which alerts are opened and resolved."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._receiver = settings, http.Receiver(settings.ca)

    def receivers(self) -> Sequence[str]:
        """Returns that there is one."""
        return ("its service",)

    def send(self, message: Message, receiver: str) -> None:
        """Sends the event. A test opens an alert and resolves it at once. Raises UndeliveredError."""
        key = secret_lines.only("routing_key_file", self._settings.routing_key_file)
        about = {"routing_key": key, "dedup_key": message.incident or identities.of_message(message)}
        if message.step is not Step.CLOSED:
            self._post({**about, **_opened(message)})
        if message.step in (Step.CLOSED, Step.TEST):
            self._post({**about, "event_action": "resolve"})

    def _post(self, event: dict[str, Any]) -> None:
        self._receiver.post(self._settings.url, msgspec.json.encode(event), {})


def _opened(message: Message) -> dict[str, Any]:
    told = {"tenant": message.tenant_name, "lines": message.lines, "more": message.more, "ticket": message.ticket}
    return {
        "event_action": "trigger",
        "client": "Jobreport",
        **({"client_url": message.link, "links": [{"href": message.link, "text": "Show it"}]} if message.link else {}),
        "payload": {
            "summary": message.subject[:_MOST_SUMMARY],
            "source": message.tenant_name,
            "severity": message.severity.value,
            "timestamp": ticks.to_iso(message.at, digits=0),
            "custom_details": {name: value for name, value in told.items() if value},
        },
    }


KIND: Final = Kind(
    name="pagerduty", about="alerts at PagerDuty", settings=Settings, keys=KEYS, open=PagerDuty, digests=False
)
