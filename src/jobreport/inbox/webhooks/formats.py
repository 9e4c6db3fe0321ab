"""The table of all senders whose webhooks are known by their form: the last word of an address names one of them."""

from collections.abc import Mapping
from typing import Final

from jobreport.inbox.webhooks.base import Format

FORMATS: Final[Mapping[str, Format]] = {}
