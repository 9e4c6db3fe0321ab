"""`jobreport inbox try`: what would come of a sample, a webhook's or a mail, without a store."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.config import config_option
from jobreport.cli.options.inbox_forms import mail_rules, webhook_forms

if TYPE_CHECKING:
    from jobreport.inbox.report import Reading


@click.command("try")
@click.argument("form")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--mail", is_flag=True, help="FILE is a mail, as a FILE.eml is anyway, and FORM a rule for mails.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header field of the request.")
@click.option("--query", default="", metavar="a=b&c=d", help="What stands behind the ? of the address.")
@config_option
@json_option
def try_(
    form: str, file: str, mail: bool, headers: tuple[str, ...], query: str, config: str | None, as_json: bool
) -> None:
    """Shows which jobs a report in FILE would become, if it came to an inbox in this FORM; - is standard input.

    FORM is the last word of the address: a sender that is known, or a mapping of jobreport.toml. Of a mail it is a
    rule: that of a sender that is known, or one of jobreport.toml. What a report does not tell would be the inbox's
    own. Nothing is stored. The exit code is 1 if nobody could read it.

    \b
    jobreport inbox try nas sample.json
    curl -s https://nas.example.com/last-job | jobreport inbox try nas -
    jobreport inbox try synology-hyper-backup last-night.eml
    """
    from jobreport.cli.output.readings import documents, show
    from jobreport.inbox.report import UnreadableError

    is_mail = mail or file.lower().endswith(".eml")
    if is_mail and (headers or query):
        raise click.UsageError("A mail has no --header and no --query.")
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        reading = _of_mail(form, content, config) if is_mail else _of_webhook(form, content, headers, query, config)
    except UnreadableError as error:
        raise click.ClickException(f"nobody could read it, so it would be kept: {error.whole}.") from None
    if as_json:
        click.echo(json.dumps(documents(reading), indent=2, ensure_ascii=False))
    else:
        show(reading)


def _of_webhook(form: str, content: bytes, headers: tuple[str, ...], query: str, config: str | None) -> "Reading":
    from urllib.parse import parse_qsl

    from jobreport.inbox.report import check_number
    from jobreport.inbox.webhooks.base import MAX_BODY
    from jobreport.inbox.webhooks.taking import delivery_of

    given = [(name.strip(), value.strip()) for name, _, value in (one.partition(":") for one in headers)]
    forms = webhook_forms(config, tries=True)
    if len(content) > MAX_BODY:
        raise click.ClickException(f"it would be refused: it has more than {MAX_BODY:,} bytes.")
    pairs = parse_qsl(query, keep_blank_values=True)
    reading = forms.read(form.lower(), delivery_of("POST", given, pairs, content))
    check_number(len(reading.jobs))
    return reading


def _of_mail(rule: str, content: bytes, config: str | None) -> "Reading":
    from jobreport.inbox.mail.message import MailError, parse

    rules = mail_rules(config)
    try:
        mail = parse(content)
    except MailError as error:
        raise click.ClickException(f"it would be refused: {error}.") from None
    return rules.read_by(rule, mail)
