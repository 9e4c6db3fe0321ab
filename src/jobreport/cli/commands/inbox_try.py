"""`jobreport inbox try`: what would come of a sample, without a store."""

import json
import sys
from pathlib import Path

import click

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.config import config_option
from jobreport.cli.options.inbox_forms import webhook_forms


@click.command("try")
@click.argument("form")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header field of the request.")
@click.option("--query", default="", metavar="a=b&c=d", help="What stands behind the ? of the address.")
@config_option
@json_option
def try_(form: str, file: str, headers: tuple[str, ...], query: str, config: str | None, as_json: bool) -> None:
    """Shows which jobs a report in FILE would become, if it came to an inbox in this FORM; - is standard input.

    FORM is the last word of the address: a sender that is known, or a mapping of jobreport.toml. What a report does not
    tell would be the inbox's own. Nothing is stored. The exit code is 1 if nobody could read it.

    \b
    jobreport inbox try nas sample.json
    curl -s https://nas.example.com/last-job | jobreport inbox try nas -
    """
    from urllib.parse import parse_qsl

    from jobreport.cli.output.readings import documents, show
    from jobreport.inbox.report import UnreadableError
    from jobreport.inbox.webhooks.taking import delivery_of

    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    given = [(name.strip(), value.strip()) for name, _, value in (one.partition(":") for one in headers)]
    forms = webhook_forms(config, tries=True)
    try:
        reading = forms.read(form, delivery_of("POST", given, parse_qsl(query), content))
    except UnreadableError as error:
        raise click.ClickException(f"nobody could read it, so it would be kept: {error}.") from None
    if as_json:
        click.echo(json.dumps(documents(reading), indent=2, ensure_ascii=False))
    else:
        show(reading)
