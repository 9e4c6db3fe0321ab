"""The options that say where jobs are read from in; whether that is a server, and a client that asks it, out."""

from typing import Final

import click

from jobreport import settings
from jobreport.client import JobReportClient
from jobreport.settings import SettingError

_BY_HAND: Final = click.core.ParameterSource.COMMANDLINE
_RETRIES: Final = 2
"""Somebody waits."""


def from_server(context: click.Context) -> bool:
    """Whether a server is asked: one is named, and no store on the command line."""
    return bool(context.params["url"]) and context.get_parameter_source("store") is not _BY_HAND


def client_of(context: click.Context) -> JobReportClient:
    """A client for the server and, where it was named on the command line, the tenant.

    SettingError where its app or the secret, which is in the environment, is missing.
    """
    url, client_id = context.params["url"], context.params["client_id"]
    secret = settings.secret(settings.CLIENT_SECRET)
    if not client_id or not secret:
        raise SettingError(f"{settings.CLIENT_ID} and {settings.CLIENT_SECRET} (or …_FILE) are needed to ask {url}")
    tenant = context.params["tenant"] if context.get_parameter_source("tenant") is _BY_HAND else None
    return JobReportClient(url, client_id, secret, tenant=tenant, retries=_RETRIES)
