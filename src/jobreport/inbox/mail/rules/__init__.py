"""The rules that read mails: one small file a sender."""

from typing import Final

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules import (
    acronis,
    amanda,
    backuppc,
    bacula,
    cron,
    macrium,
    nakivo,
    proxmox_vzdump,
    qnap_hbs,
    synology_active_backup,
    synology_hyper_backup,
    urbackup,
    veeam,
    windows_server_backup,
)
from jobreport.inbox.mail.rules.base import Rule
from jobreport.inbox.mail.rules.doubting import doubted
from jobreport.inbox.report import Reading, UnreadableError

RULES: Final[tuple[Rule, ...]] = (
    synology_hyper_backup.RULE,
    synology_active_backup.RULE,
    qnap_hbs.RULE,
    veeam.RULE,
    proxmox_vzdump.RULE,
    acronis.RULE,
    nakivo.RULE,
    macrium.RULE,
    windows_server_backup.RULE,
    bacula.RULE,
    backuppc.RULE,
    urbackup.RULE,
    amanda.RULE,
    cron.RULE,
)


def read(mail: Mail) -> Reading:
    """Returns what a mail says. Raises UnreadableError if no rule reads it, or if several would."""
    rules = [rule for rule in RULES if rule.matches(mail)]
    if not rules:
        raise UnreadableError("no rule knows such a mail")
    if len(rules) > 1:
        raise UnreadableError(f"the mail may be of several senders: {', '.join(rule.name for rule in rules)}")
    try:
        return read_by(rules[0], mail)
    except UnreadableError:
        raise
    except Exception as error:
        # Anybody writes mails; what none of us foresaw must not lose one.
        raise UnreadableError(f"the rule {rules[0].name} fails at this mail: {type(error).__name__}") from error


def read_by(rule: Rule, mail: Mail) -> Reading:
    """Returns what a mail of a rule's says by that rule. Raises UnreadableError."""
    reading = rule.read(mail)
    return doubted(reading, mail) if rule.in_words else reading
