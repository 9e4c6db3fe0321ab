"""Makes the messages about a group of incidents. The ID of a message consists of its group and its number in the group.

Messages about a group reach a channel in the order of their numbers.
"""

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import quote

from msgspec.structs import replace

from jobreport.model import incident_words as words
from jobreport.model.incident import Incident, rank
from jobreport.model.incident_groups import Group
from jobreport.model.message import Delivery, Message, Severity, Step
from jobreport.model.notify_rule import Rule
from jobreport.store.registry.tenants import Tenant


class Messages:
    """The messages of one look at the incidents of a tenant. `rules` are those that there are, by name, and `others`
    the names of channels that no rule needs to name; `public_url` is the address of the monitor, or empty.
    """

    def __init__(
        self, tenant: Tenant, rules: Mapping[str, Rule], others: Collection[str], public_url: str, now: int
    ) -> None:
        self._tenant, self._rules, self._public_url, self._now = tenant, rules, public_url, now
        self._channels = {*others, *(channel for rule in rules.values() for channel in rule.channels)}
        self.deliveries: list[Delivery] = []

    def opened(self, group: Group, those: Sequence[Incident]) -> Group:
        """Tells these first. Each of these methods returns the group as it is then."""
        return self._told(group, Step.OPENED, words.opened(those, group.common), those, len(those))

    def worse(self, group: Group, those: Sequence[Incident]) -> Group:
        """Tells that these got worse, or came back."""
        return self._told(group, Step.WORSE, words.worse(those, group.common), those, group.size)

    def after_maintenance(self, group: Group, those: Sequence[Incident]) -> Group:
        """Tells what is still bad when a maintenance window ends; some of it may have been told, in other groups."""
        step = Step.WORSE if group.number else Step.OPENED
        return self._told(group, step, words.after_maintenance(those), those, max(group.size, len(those)))

    def grown(self, group: Group, those: Sequence[Incident]) -> Group:
        """Tells that there are many more by now."""
        return self._told(group, Step.WORSE, words.grown(those, group.common, group.size), those, len(those))

    def repeated(self, group: Group, those: Sequence[Incident]) -> Group:
        """Tells that these go on."""
        return self._told(group, Step.REPEATED, words.repeated(those, self._now), those, len(those))

    def closed(self, group: Group, those: Sequence[Incident]) -> Group:
        """Tells that all is well again."""
        told = self._told(group, Step.CLOSED, words.closed(those, self._now), those, group.size)
        return replace(told, due=0, closed=self._now)

    def _told(self, group: Group, step: Step, subject: str, those: Sequence[Incident], size: int) -> Group:
        number = group.number + 1
        severity = max((one.severity for one in those), key=rank)
        message = Message(
            id=f"{group.group}-{number:04d}",
            incident=group.group,
            step=step,
            tenant=self._tenant.number,
            tenant_name=self._tenant.name,
            subject=subject,
            lines=(lines := words.lines(those)),
            more=len(those) - len(lines),
            link=self._link(group.group),
            ticket=next((one.ticket for one in those if one.ticket), ""),
            severity=Severity.INFO if step is Step.CLOSED else severity,
            at=self._now,
        )
        self.deliveries += [Delivery(message, channel) for channel in self._hearing(group)]
        return replace(group, number=number, told=self._now, size=size)

    def _hearing(self, group: Group) -> Sequence[str]:
        """Returns the channels that hear of a group: of those that did, which there still are. If there are none any
        more, such as after one got another name, those of its rule.
        """
        still = [channel for channel in group.channels if channel in self._channels]
        rule = self._rules.get(group.rule)
        return still or (rule.channels if rule else ())

    def _link(self, group: str) -> str:
        if not self._public_url:
            return ""
        return f"{self._public_url}/incidents?tenant={quote(self._tenant.name)}&group={group}"
