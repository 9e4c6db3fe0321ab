"""Limits mails as pings and bodies are limited: how many come to an address, and how much memory they take."""

from jobreport.server import body_budget
from jobreport.server.body_budget import Sender
from jobreport.server.problem import ProblemError
from jobreport.server.rate_limit import PingLimits
from jobreport.store.registry.inboxes import Inbox


class MailLimits:
    """The limits of one process, as `inbox.mail.delivery_agent.Limits` has them. To be used in the event loop only."""

    def __init__(self, pings: PingLimits) -> None:
        self._pings = pings

    def wait(self, address: str, key: str) -> int:
        """Counts a mail for an address. Returns after how many seconds it may come again; 0: it may come."""
        try:
            self._pings.take(address, key)
        except ProblemError as error:
            return int((error.headers or {})["Retry-After"])
        return 0

    def not_taken(self) -> None:
        """Gives back what was counted to all together: the mail was not taken."""
        self._pings.not_taken()

    def hold(self, mail: dict[str, object], size: int, inbox: Inbox) -> bool:
        """Reserves memory until the mail has `size` bytes in all. Returns False if there is no room."""
        return body_budget.hold(mail, size, Sender(inbox.tenant, inbox.inbox))

    def release(self, mail: dict[str, object]) -> None:
        """Gives the memory of a mail back."""
        body_budget.release(mail)
