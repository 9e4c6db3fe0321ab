"""What the commands about deliveries share: the forms and rules by which a server with the same file reads them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from jobreport.cli.options.config import configuration, configured

if TYPE_CHECKING:
    from jobreport.inbox.mail.rules.registry import MailRules
    from jobreport.inbox.rereading import Reader
    from jobreport.inbox.webhooks.registry import Forms
    from jobreport.model.unread import Kind


def webhook_forms(config: str | None, *, tries: bool = False) -> "Forms":
    """Returns the forms of webhooks. Says what is wrong with the file that names mappings. `tries`: no subscription to
    a topic of SNS is confirmed.
    """
    from jobreport.inbox.webhooks import sns_get
    from jobreport.inbox.webhooks.registry import forms_of

    file = configuration(config)
    return configured(lambda: forms_of(file, sns_get.get_certificate if tries else sns_get.get))


def mail_rules(config: str | None) -> "MailRules":
    """Returns the rules for mails. Says what is wrong with the file that names some."""
    from jobreport.inbox.mail.rules.registry import rules_of

    file = configuration(config)
    return configured(lambda: rules_of(file))


def readers(config: str | None) -> "Mapping[Kind, Reader]":
    """Returns what reads kept deliveries of each kind again."""
    from jobreport.inbox.rereading import readers_of

    return readers_of(webhook_forms(config), mail_rules(config).read)
