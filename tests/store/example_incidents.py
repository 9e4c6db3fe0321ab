"""Series whose verdicts change, and what of that reaches which channel."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from example_jobs import MINUTE, done
from msgspec.structs import replace
from sqlalchemy import select

from clocks import Clock
from jobreport.model.catalog import JobState
from jobreport.model.judgement import Change, Verdict
from jobreport.model.message import Delivery, Message
from jobreport.model.notify_rule import Rule
from jobreport.store import Store
from jobreport.store.schema.deliveries import delivery
from jobreport.watch import notifying, returning
from verdicts import change, keep

MAIL = Rule(name="all", channels=("mail",))


class Watch:
    """A store, the rules, and a clock: what happens, and what is told of it."""

    def __init__(self, store: Store, tenant: int, clock: Clock, *rules: Rule) -> None:
        self.store, self.tenant, self.clock = store, tenant, clock
        self.rules: Sequence[Rule] = rules or (MAIL,)
        self._seen: set[tuple[str, str]] = set()

    def happens(self, verdict: Verdict, *series: int, **fields: Any) -> None:
        """These series get this verdict now."""
        now = self.clock()
        self.keep(change(self.tenant, number, verdict, now, **fields) for number in series)

    def change(self, series: int, verdict: Verdict, at: int, **fields: Any) -> Change:
        """A change of a series of the tenant."""
        return change(self.tenant, series, verdict, at, **fields)

    def rule(self, **fields: Any) -> Rule:
        """A rule that sends mails."""
        return replace(MAIL, **fields)

    def ran(self, job_id: str, state: JobState, comments: str = "") -> None:
        """A job of the first series ended in this state, a minute after what was before."""
        self.clock.now += MINUTE
        now = self.clock()
        counts = {"failed": 1, "total": 1} if state is JobState.Failed else {"successful": 1, "total": 1}
        job = done(
            job_id,
            state=state,
            start=now - MINUTE,
            finish=now,
            observed=now,
            comments=comments,
            plan="nightly",
            resource="web-1:/home",
            origin="runner/web-1",
            **counts,
        )
        self.store.record(self.tenant, [job])

    def keep(self, changes: Iterable[Change]) -> None:
        """These changes happen."""
        keep(self.store, *changes)

    def look(self) -> list[Delivery]:
        """What is told by one look, in the order of channels and messages."""
        returning.look(self.store)
        made = sum(notifying.tell(self.store, self.rules, "https://jobs.example.com"))
        new = [one for one in self.deliveries() if (one.message.id, one.channel) not in self._seen]
        assert len(new) == made
        self._seen |= {(one.message.id, one.channel) for one in new}
        return sorted(new, key=lambda one: (one.channel, one.message.subject))

    def deliveries(self) -> list[Delivery]:
        """All that was told by now."""
        with self.store.reading() as transaction:
            rows = transaction.execute(select(delivery).where(delivery.c.tenant == self.tenant)).all()
        return [Delivery(msgspec.json.decode(row.content, type=Message), row.channel) for row in rows]

    def after(self, minutes: float) -> list[Delivery]:
        """What is told by a look after so many minutes."""
        self.clock.now += int(minutes * MINUTE)
        return self.look()

    def told(self, minutes: float = 6) -> list[str]:
        """The subjects of what is told by now and by so many minutes later."""
        return [one.message.subject for one in [*self.look(), *self.after(minutes)]]
