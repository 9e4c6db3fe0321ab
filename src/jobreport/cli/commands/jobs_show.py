"""`jobreport jobs show`: one job whole, with its earlier versions, from a server or a store."""

from typing import Any

import click
import msgspec

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.read_from import connected, is_server, opened, reading_options


@click.command()
@click.argument("job_id", metavar="ID")
@json_option
@reading_options
def show(*, job_id: str, as_json: bool, **options: Any) -> None:
    """Shows everything about one job: all fields, how its series stands, the jobs before and after it,
    the tool's own record, and what was corrected later.

    \b
    jobreport jobs show FB20261123080000042
    """
    job = _from_server(options, job_id) if is_server(options) else _from_store(options, job_id)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(job), indent=2).decode())
        return
    from jobreport.cli.output.console import console
    from jobreport.cli.output.job import show_job

    show_job(console(), job)


def _from_server(options: dict[str, Any], job_id: str) -> dict[str, Any]:
    from jobreport.client import RequestRefusedError

    with connected(options) as client:
        try:
            return client.history(job_id)
        except RequestRefusedError as error:
            if error.status != 404:
                raise
    raise _missing(job_id)


def _from_store(options: dict[str, Any], job_id: str) -> dict[str, Any]:
    from jobreport.contract.job_schemas import job_history
    from jobreport.watch.standing import judgements

    store, tenant = opened(options)
    history = store.history(tenant, job_id)
    if history is None:
        raise _missing(job_id)
    judged = judgements(store, tenant, [history.series.series] if history.series else [])
    shown = job_history(history.current, history.versions, history.series, judged)
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(shown))
    return document


def _missing(job_id: str) -> click.ClickException:
    return click.ClickException(
        f"there is no job with the ID {job_id!r}; look for a part of it: jobreport jobs --search {job_id[:8]}"
    )
