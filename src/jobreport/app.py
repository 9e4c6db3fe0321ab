"""Puts a server process together: its URL table, what it does beside answering, and what both of them share."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

import jobreport
from jobreport import logs
from jobreport.api import (
    backup_jobs,
    connectors,
    cronitor,
    docs_page,
    expectations,
    export,
    health,
    incidents,
    jobs,
    metrics,
    openapi,
    pings,
    search,
    series,
    summary,
    tenants,
    token,
    uptime_kuma,
    webhooks,
)
from jobreport.api import jobreport as report
from jobreport.audit import sealing
from jobreport.configuration.file import Configuration
from jobreport.connectors.configured import configured
from jobreport.identity.addresses import Addresses
from jobreport.identity.cursors import SkipTokens
from jobreport.identity.keys.encryption import SecretKey
from jobreport.identity.oauth.failed_sign_ins import FailedSignInLimits
from jobreport.identity.oauth.tokens import Tokens
from jobreport.identity.oauth.trust import parse_trusted
from jobreport.identity.openid.provider import Provider
from jobreport.identity.openid.settings import parse_provider
from jobreport.identity.operators.delays import Delays
from jobreport.identity.operators.passwords import Passwords
from jobreport.identity.operators.sessions import Sessions
from jobreport.inbox.mail.rules.registry import MailRules, rules_of
from jobreport.inbox.rereading import readers_of
from jobreport.inbox.webhooks import sns_get
from jobreport.inbox.webhooks.registry import forms_of
from jobreport.metrics.counts import Counts
from jobreport.model import ticks
from jobreport.monitor.page import Page, not_found
from jobreport.monitor.urls import PAGES
from jobreport.server import url_convertors
from jobreport.server.complete_until import CompleteUntil
from jobreport.server.mail_limits import MailLimits
from jobreport.server.middleware import Requests
from jobreport.server.operation import ByMethod, Operation, Services
from jobreport.server.problem import Problem
from jobreport.server.protocol import PROBLEMS
from jobreport.server.rate_limit import PingLimits, RateLimit, Rates
from jobreport.server.undelivered import Undelivered
from jobreport.services.alive import Alive
from jobreport.services.audit_log import AuditLog
from jobreport.services.connector_freshness import connector_freshness
from jobreport.services.connectors import ConnectorPasses
from jobreport.services.deleted_tenants import deleted_tenants
from jobreport.services.deliveries import deliveries
from jobreport.services.digests import digests
from jobreport.services.ended_sessions import ended_sessions
from jobreport.services.expiring_credentials import expiring_credentials
from jobreport.services.file_expectations import FileExpectations
from jobreport.services.incidents import incidents_forgotten, incidents_returned, incidents_told
from jobreport.services.issuer_keys import issuer_keys
from jobreport.services.periodic import Periodic
from jobreport.services.sign_in_counts import sign_in_counts, sign_in_hours
from jobreport.services.signing_keys import signing_keys
from jobreport.services.stalled_jobs import stalled_jobs
from jobreport.services.unread import unread_again
from jobreport.services.watch import Watch
from jobreport.settings import ServerSettings
from jobreport.store import Store, open_store
from jobreport.watch.channels.configured import configured as channels
from jobreport.watch.channels.configured import opened
from jobreport.watch.delivery.deadman import deadman
from jobreport.watch.delivery.sending import Sender
from jobreport.watch.digests.configured import digests as digests_of
from jobreport.watch.rules import rules_of as notify_rules

if TYPE_CHECKING:
    from jobreport.inbox.mail.smtp import MailServer

LAST_MAILS_SECONDS: Final = 10
"""How long a server that stops waits until the mails that have arrived are stored."""
URLS: Final[tuple[tuple[str, str, Operation], ...]] = (
    ("POST", "/api/public/jobreport", report.OPERATION),
    ("GET", "/backup/vm/jobs", backup_jobs.OPERATION),
    ("GET", "/api/search", search.OPERATION),
    ("GET", "/api/export", export.OPERATION),
    ("GET", "/api/summary", summary.OPERATION),
    ("GET", "/api/series", series.FIND),
    ("GET", "/api/series/{series}", series.SHOW),
    ("GET", "/api/tenants/summary", tenants.SUMMARY),
    *expectations.URLS,
    ("GET", "/api/connectors", connectors.FIND),
    ("GET", "/api/incidents", incidents.FIND),
    ("PUT", "/api/incidents/{incident}", incidents.CHANGE),
    ("POST", "/api/jobs", jobs.RECORD),
    ("GET", "/api/jobs", jobs.SHOW_BY_PARAMETER),
    ("GET", "/api/jobs/{jobId:any}", jobs.SHOW),
    ("POST", token.TOKEN_PATH, token.TOKEN),
    ("GET", "/.well-known/openid-configuration", token.DISCOVERY),
    ("GET", token.METADATA_PATH, token.METADATA),
    ("GET", token.JWKS_PATH, token.JWKS),
    *pings.URLS,
    *uptime_kuma.URLS,
    *cronitor.URLS,
    *webhooks.URLS,
    ("GET", "/openapi.json", openapi.OPENAPI),
    ("GET", "/docs", docs_page.PAGE),
    ("GET", "/docs/start.js", docs_page.START),
    ("GET", metrics.PATH, metrics.SHOW),
    ("GET", "/healthz", health.ALIVE),
    ("GET", "/readyz", health.READY),
)


def _endpoints() -> Iterator[tuple[str, list[str], ASGIApp]]:
    """Gives each path of both tables once, with all its methods, so that an answer 405 can name all of them."""
    by_path: dict[str, dict[str, Operation | Page]] = {}
    for method, path, endpoint in chain[tuple[str, str, Operation | Page]](URLS, PAGES):
        by_path.setdefault(path, {})[method] = endpoint
    for path, endpoints in by_path.items():
        yield path, [*endpoints], ByMethod(endpoints) if len(endpoints) > 1 else next(iter(endpoints.values()))


def _metadata_paths(public_url: str) -> Iterator[str]:
    """Gives one more path of the metadata if the public URL has a path: clients append that to the metadata's own path
    (RFC 8414 §3.1). It lies outside of the public URL, so it is not in the table.
    """
    if path := urlsplit(public_url).path:
        yield token.METADATA_PATH + path


def provider_of(settings: ServerSettings, store: Store) -> Provider | None:
    """Returns the OpenID provider by which people sign in; None if the settings name none."""
    if not settings.provider:
        return None
    return Provider(parse_provider(settings.provider, settings.provider_secret), settings.public_url, store.clock)


def _mailboxes(file: Configuration, rules: MailRules, services: Services) -> Iterator[Periodic]:
    """Gives the services that read the mailboxes which the file names."""
    if not file.tables("mailbox"):
        return
    from jobreport.inbox.mail.collecting import Collector
    from jobreport.inbox.mail.mailbox import mailboxes
    from jobreport.services.mailboxes import mailbox

    collector = Collector(services.store, services.addresses, services.sign_ins, rules.read)
    for one in mailboxes(file):
        yield mailbox(services.store, collector, one)


async def _taking_mails(settings: ServerSettings, rules: MailRules, services: Services) -> "MailServer | None":
    """Begins to take mails; returns None if none are taken."""
    if settings.mails is None:
        return None
    # Loaded here alone: its libraries are those of an extra.
    from jobreport.inbox.mail.delivery_agent import DeliveryAgent
    from jobreport.inbox.mail.networks import Network
    from jobreport.inbox.mail.smtp import MailServer, Settings

    wanted = Settings(
        hostname=urlsplit(settings.public_url).hostname or "localhost",
        networks=tuple(Network(*one) for one in settings.mails.networks),
        senders=settings.mails.senders,
        must_encrypt=settings.mails.must_encrypt,
    )
    agent = DeliveryAgent(services.store, services.addresses, services.sign_ins, rules.read)
    tls = settings.mails.tls() if settings.mails.tls else None
    server = MailServer(agent, MailLimits(services.pings), wanted, tls)
    await server.start(settings.mails.listener)
    return server


def build(settings: ServerSettings) -> ASGIApp:
    """Builds the application of one server process. It opens the store at the start and closes it at the end."""
    logs.configure(as_json=settings.log_json)
    counts = Counts([key[:2] for key in (*URLS, *PAGES)], Path(settings.counts) if settings.counts else None)
    store = open_store(settings.store, migrate=False, committed=counts.committed)
    secret = SecretKey(settings.secret_key) if settings.secret_key else None
    provider = provider_of(settings, store)
    file = Configuration(Path(settings.config) if settings.config else None, settings.tables)
    rules = rules_of(file)
    told_to = notify_rules(file)
    collected = ConnectorPasses(store, configured(file), settings.store, settings.config)
    tokens = Tokens(store, settings.public_url, secret, map(parse_trusted, settings.trusted))

    @contextlib.asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[dict[str, Any]]:
        alive, named = Alive(), channels(file)
        audit_log = AuditLog(store, partial(sealing.keys_of, store, secret))
        beside = [
            asyncio.create_task(one.run())
            for one in (
                alive.watched(stalled_jobs(store)),
                alive.watched(Watch(store, settings.store).service()),
                signing_keys(tokens, settings.key_days * ticks.PER_DAY),
                *(issuer_keys(issuer) for issuer in tokens.issuers),
                *((issuer_keys(provider.issuer),) if provider else ()),
                expiring_credentials(store),
                sign_in_counts(store, services.sign_ins),
                sign_in_hours(store, services.sign_ins),
                audit_log.seals(),
                audit_log.checkpoints(),
                deleted_tenants(store),
                ended_sessions(store),
                *_mailboxes(file, rules, services),
                connector_freshness(services.complete_until.renew),
                *collected.services(),
                *map(alive.watched, deliveries(Sender(store, opened(named)), services.undelivered.renew)),
                *map(alive.watched, digests(store, digests_of(file, named), settings.public_url)),
                *alive.pings(store, deadman(file)),
                unread_again(store, readers_of(services.forms, rules.read)),
                alive.watched(incidents_told(store, told_to, settings.public_url, [one.name for one in named])),
                alive.watched(incidents_returned(store)),
                incidents_forgotten(store),
                FileExpectations(store, file, settings.config).service(),
            )
        ]
        mails = await _taking_mails(settings, rules, services)
        try:
            yield {PROBLEMS: {path: one.problem for _, path, one in URLS if one.problem is not Problem}}
        finally:
            if mails is not None:
                await mails.stop(LAST_MAILS_SECONDS)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            store.close()

    url_convertors.register()
    endpoints = [*_endpoints()]
    router = Router(
        routes=[
            *(Route(path, endpoint, methods=methods) for path, methods, endpoint in endpoints),
            *(Route(path, token.METADATA, methods=["GET"]) for path in _metadata_paths(settings.public_url)),
            Mount("/docs/assets", docs_page.assets()),
        ],
        # A redirect would be built from the Host header, which anybody can set.
        redirect_slashes=False,
        default=not_found,
        lifespan=lifespan,
    )
    services = Services(
        store,
        tokens,
        FailedSignInLimits(store),
        SkipTokens(tokens),
        openapi.when_asked(URLS, version=jobreport.__version__, server=settings.public_url),
        Sessions(store, provider.settings.issuer if provider else ""),
        Delays(store),
        Passwords(),
        Addresses(store, secret),
        forms_of(file, sns_get.get),
        CompleteUntil(store),
        counts,
        Undelivered(store),
        rates=Rates(RateLimit(*settings.rate_limit)) if settings.rate_limit else None,
        provider=provider,
        pings=PingLimits(RateLimit(*settings.ping_limit)),
    )
    services.complete_until.renew()
    services.undelivered.renew()
    routed = {id(endpoint): path for path, _, endpoint in endpoints}
    served = router if settings.metrics_port is None else metrics.ByPort(settings.metrics_port, router)
    return Requests(served, services, routed)
