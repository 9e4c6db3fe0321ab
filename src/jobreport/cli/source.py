"""The options that say where jobs are read from in; whether that is a server, and a client that asks it, out."""

import click

from jobreport import settings
from jobreport.client import JobReportClient
from jobreport.model.language import TENANT
from jobreport.settings import SettingError

_BY_HAND = click.core.ParameterSource.COMMANDLINE


def from_server(context: click.Context) -> bool:
    """Whether a server is asked: one is named, and no store on the command line."""
    return bool(context.params["url"]) and context.get_parameter_source("store") is not _BY_HAND


def tenant_pairs(context: click.Context) -> list[tuple[str, str]]:
    """The tenant as a server is asked for it: where it was named on the command line."""
    by_hand = context.get_parameter_source("tenant") is _BY_HAND
    return [(TENANT.name, context.params["tenant"])] if by_hand else []


def client_of(url: str, client_id: str | None) -> JobReportClient:
    """A client with the secret of the environment; SettingError where there is none."""
    secret = settings.secret(settings.CLIENT_SECRET)
    if not client_id or not secret:
        raise SettingError(f"{settings.CLIENT_ID} and {settings.CLIENT_SECRET} (or …_FILE) are needed to ask {url}")
    return JobReportClient(url, client_id, secret)
