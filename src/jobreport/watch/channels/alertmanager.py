"""The kind `alertmanager`: an alert at Prometheus' Alertmanager for each incident, which resolves with the incident.

Alertmanager resolves an alert that is not sent again, and forgets all alerts when it is restarted. So each alert is
valid for a day, and is sent again every few minutes as long as its incident goes on (`watch.delivery.renewing`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from jobreport.clock import now_ticks
from jobreport.model import ticks
from jobreport.model.message import Message, Step
from jobreport.watch.channels import http, identities, secret_lines
from jobreport.watch.channels.base import Kind

ALERT: Final = "JobreportBackup"
"""The name of all alerts."""
AHEAD: Final = ticks.PER_DAY
"""For how long an alert goes on without being sent again (ticks)."""
TEST: Final = 5 * 60 * ticks.PER_SECOND
"""After how long a test resolves (ticks)."""
_PATH: Final = "/api/v2/alerts"
_OWN: Final = ("alertname", "tenant", "incident")
_LABEL: Final = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
_MOST_AT_ONCE: Final = 1000


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a channel of this kind."""

    url: str
    labels: Mapping[str, str] = {}
    token_file: str = ""
    ca: str = ""

    def __post_init__(self) -> None:
        http.check("url", self.url)
        for name, value in self.labels.items():
            if name in _OWN or not _LABEL.fullmatch(name) or not value:
                raise ValueError(
                    f"labels: {name!r} must be a name of letters, digits and _, other than {', '.join(_OWN)}, and have "
                    "a value"
                )


KEYS: Final = {
    "url": "The address of Alertmanager, without `/api/v2`: https, or http on this machine.",
    "labels": 'Labels of each alert, such as `{ severity = "critical", team = "backup" }`, for its routes.',
    "token_file": "A file with the token that a proxy before it asks for (`Authorization: Bearer`).",
    "ca": "A PEM file with the authority of its certificate; by default those that this machine trusts.",
}


class Alertmanager:
    """A channel by which alerts fire and resolve."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._receiver = settings, http.Receiver(settings.ca)

    def receivers(self) -> Sequence[str]:
        """Returns that there is one."""
        return ("Alertmanager",)

    def send(self, message: Message, receiver: str) -> None:
        """Has the alert of a message fire, or resolve. A test resolves by itself. Raises UndeliveredError."""
        # As of now: of one that began long ago Alertmanager tells at once, without waiting for others of its group.
        self._post([self._alert(message, now_ticks())])

    def renew(self, messages: Sequence[Message], ended: Sequence[Message] = ()) -> None:
        """Has the alerts of these messages go on, and those of the `ended` ones resolve. Raises UndeliveredError."""
        alerts = [self._alert(one, one.at) for one in messages] + [self._ended(one) for one in ended]
        for begin in range(0, len(alerts), _MOST_AT_ONCE):
            self._post(alerts[begin : begin + _MOST_AT_ONCE])

    def _post(self, alerts: Sequence[Mapping[str, Any]]) -> None:
        headers = {}
        if self._settings.token_file:
            headers["Authorization"] = f"Bearer {secret_lines.only('token_file', self._settings.token_file)}"
        self._receiver.post(f"{self._settings.url.rstrip('/')}{_PATH}", msgspec.json.encode(alerts), headers)

    def _alert(self, message: Message, since: int) -> dict[str, Any]:
        if message.step is Step.CLOSED:
            return self._ended(message)
        ahead = TEST if message.step is Step.TEST else AHEAD
        times = {"startsAt": ticks.to_iso(since), "endsAt": ticks.to_iso(max(now_ticks(), since) + ahead)}
        return {**self._about(message), **times}

    def _ended(self, message: Message) -> dict[str, Any]:
        return {**self._about(message), "endsAt": ticks.to_iso(now_ticks())}

    def _about(self, message: Message) -> dict[str, Any]:
        lines = [*message.lines, *([f"and {message.more:,} more"] if message.more else [])]
        told = {
            "summary": message.subject,
            "description": "\n".join(lines),
            "severity": message.severity.value,
            "ticket": message.ticket,
        }
        return {
            # What may change while an incident goes on is no label: it would be another alert.
            "labels": {
                "alertname": ALERT,
                "tenant": message.tenant_name,
                "incident": identities.of_incident(message),
                **self._settings.labels,
            },
            "annotations": {name: value for name, value in told.items() if value},
            **({"generatorURL": message.link} if message.link else {}),
        }


KIND: Final = Kind(
    name="alertmanager",
    about="alerts at Prometheus' Alertmanager",
    settings=Settings,
    keys=KEYS,
    open=Alertmanager,
    digests=False,
)
