"""All forms in which a server reads deliveries: those of known senders, and those that its `jobreport.toml` names."""

from collections.abc import Callable, Mapping
from typing import Final

from jobreport.configuration.file import Configuration
from jobreport.inbox.report import Reading, UnreadableError
from jobreport.inbox.webhooks.base import Delivery, Format
from jobreport.inbox.webhooks.formats import FORMATS
from jobreport.inbox.webhooks.mapping import DocumentMapping
from jobreport.inbox.webhooks.sns import SnsReader, SnsSettings
from jobreport.model.spelling import meant

SNS: Final = "sns"


class Forms:
    """The forms by their names, which are the last words of addresses."""

    def __init__(self, forms: Mapping[str, Format]) -> None:
        self._forms = forms

    @property
    def names(self) -> list[str]:
        """The names of all forms."""
        return sorted(self._forms)

    def read(self, name: str, delivery: Delivery) -> Reading:
        """Returns what a delivery says in this form. Raises UnreadableError, also if there is no such form, or if its
        reading fails.
        """
        if (form := self._forms.get(name)) is None:
            words = meant(name, self._forms, f"there are {', '.join(self.names)}")
            raise UnreadableError(f"there is no form {name!r}", words)
        try:
            return form(delivery)
        except UnreadableError:
            raise
        except Exception as error:
            raise UnreadableError(f"the reading of {name} failed on it ({type(error).__name__})") from error


def forms_of(configuration: Configuration, get: Callable[[str], bytes]) -> Forms:
    """Returns the forms of known senders, and those of the file. `get` returns what is at an address of Amazon SNS.

    Raises ConfigurationError.
    """
    known = {**FORMATS, SNS: SnsReader(configuration.table(SNS).read(SnsSettings).topics, get).read}
    own: dict[str, Format] = {}
    for table in configuration.tables("mapping"):
        if table.name in known:
            raise table.error(f"is the form of a known sender already: {', '.join(sorted(known))}", "name")
        own[table.name] = DocumentMapping(table).read
    return Forms(known | own)
