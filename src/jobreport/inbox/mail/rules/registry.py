"""All rules by which a server reads mails: those that its `jobreport.toml` has, and those of known senders."""

from collections.abc import Sequence

from jobreport.configuration.file import Configuration
from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules import RULES, read, read_by
from jobreport.inbox.mail.rules.own import OwnRule
from jobreport.inbox.patterns import Budget
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.model.spelling import meant


class MailRules:
    """The rules by their names. The own ones come first, in their order: the first that knows a mail reads it."""

    def __init__(self, own: Sequence[OwnRule] = ()) -> None:
        self._own = {rule.name: rule for rule in own}
        self._known = {rule.name: rule for rule in RULES}

    @property
    def names(self) -> list[str]:
        """The names of all rules."""
        return sorted({**self._own, **self._known})

    def read(self, mail: Mail) -> Reading:
        """Returns what a mail says. Raises UnreadableError."""
        budget = Budget()
        for rule in self._own.values():
            if (reading := rule.read(mail, budget)) is not None:
                return reading
        return read(mail)

    def read_by(self, name: str, mail: Mail) -> Reading:
        """Returns what a mail says by one rule. Raises UnreadableError, also if there is no such rule, or if the mail
        is not one of its own.
        """
        if (own := self._own.get(name)) is not None:
            reading = own.read(mail)
        elif (known := self._known.get(name)) is not None:
            reading = read_by(known, mail) if known.matches(mail) else None
        else:
            words = meant(name, self.names, f"there are {', '.join(self.names)}")
            raise UnreadableError(f"there is no rule {name!r}: {words}")
        if reading is None:
            others = [one for one in self.names if one != name and self._knows(one, mail)]
            hint = f", but {' and '.join(others)}" if others else ""
            raise UnreadableError(f"it is no mail that the rule {name} is for{hint}")
        return reading

    def _knows(self, name: str, mail: Mail) -> bool:
        if (own := self._own.get(name)) is None:
            return self._known[name].matches(mail)
        try:
            return own.read(mail) is not None
        except UnreadableError:
            return True


def rules_of(configuration: Configuration) -> MailRules:
    """Returns the rules of known senders, and those of the file. Raises ConfigurationError."""
    known = {rule.name for rule in RULES}
    for table in configuration.tables("rule"):
        if table.name in known:
            raise table.error(f"is the rule of a known sender already: {', '.join(sorted(known))}", "name")
    return MailRules([OwnRule(table) for table in configuration.tables("rule")])
