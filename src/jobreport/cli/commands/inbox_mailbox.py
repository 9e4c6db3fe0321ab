"""`jobreport inbox mailbox`: tries the mailboxes of `jobreport.toml`, and shows what would come of their mails."""

import json
from typing import TYPE_CHECKING, Any

import click

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.choices import Number
from jobreport.cli.options.config import config_option, configuration, configured
from jobreport.cli.options.inbox_forms import mail_rules
from jobreport.cli.options.store import open_chosen_store, store_option

if TYPE_CHECKING:
    from jobreport.inbox.mail.collecting import Look
    from jobreport.inbox.mail.mailbox import Mailbox

_MOST = 1000


@click.group()
def mailbox() -> None:
    """Mailboxes that a server reads by IMAP, as jobreport.toml names them."""


@mailbox.command()
@click.argument("name")
@click.option("--most", type=Number(1, _MOST), default=20, show_default=True, help="How many mails, the newest.")
@config_option
@json_option
@store_option
def test(name: str, most: int, config: str | None, as_json: bool, store: str | None) -> None:
    """Signs in at the mailbox NAME, and shows which jobs its mails would become. It changes nothing there.

    \b
    jobreport inbox mailbox test backup
    """
    from jobreport.identity.addresses import Addresses
    from jobreport.identity.oauth.sign_ins import SignIns
    from jobreport.inbox.mail.collecting import Collector
    from jobreport.inbox.mail.mailbox import MailboxError

    one, rules = _named(name, config), mail_rules(config)
    chosen = open_chosen_store(store)
    collector = Collector(chosen, Addresses(chosen), SignIns(), rules.read)
    try:
        looks = list(collector.looks(one, most))
    except MailboxError as error:
        raise click.ClickException(f"{error}.") from None
    if as_json:
        click.echo(json.dumps([_document(look) for look in looks], indent=2, ensure_ascii=False))
        return
    for look in looks:
        _show(_document(look))
    click.echo(f"{one.user} is let in at {one.host}. {len(looks)} of the mails in {one.folder} were looked at.")


def _named(name: str, config: str | None) -> "Mailbox":
    from jobreport.inbox.mail.mailbox import mailboxes
    from jobreport.model.spelling import meant

    file = configuration(config)
    found = configured(lambda: mailboxes(file))
    for one in found:
        if one.name == name:
            return one
    known = [one.name for one in found]
    there = f"there are {', '.join(known)}" if known else "there is none"
    raise click.ClickException(f"jobreport.toml names no mailbox {name!r}: {meant(name, known, there)}.")


def _document(look: "Look") -> dict[str, Any]:
    from jobreport.cli.output.readings import documents
    from jobreport.inbox.masking import masked
    from jobreport.model import ticks

    reading = look.reading
    return {
        "received": ticks.to_iso(look.received, digits=0) if look.received else None,
        "from": masked(look.mail.sender) if look.mail else None,
        "subject": masked(look.mail.subject) if look.mail else None,
        "inbox": look.inbox.name if look.inbox else None,
        **(documents(reading) if reading else {"jobs": [], "log": None, "ignored": None}),
        "unread": look.why or None,
    }


def _show(document: dict[str, Any]) -> None:
    from jobreport.cli.output.texts import visible

    states = ", ".join(job["state"] for job in document["jobs"])
    becomes = document["unread"] or states or f"no job: {document['ignored'] or 'a comment on the plan'}"
    whose = document["inbox"] or "nobody's"
    line = f"{document['received'] or '-'}  {document['from'] or '-'}  {document['subject'] or '-'}"
    click.echo(visible(line))
    click.echo(visible(f"    {whose}: {becomes}"))
