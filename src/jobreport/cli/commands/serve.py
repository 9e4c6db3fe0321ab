"""The command `jobreport serve`: checks the settings, opens a socket and the store, and serves until it is stopped."""

import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from jobreport import settings
from jobreport.cli.options.channels import digests_of
from jobreport.cli.options.choices import Number, OneOf
from jobreport.cli.options.config import config_option, configuration, configured
from jobreport.cli.options.connectors import connectors_of
from jobreport.cli.options.environment import option
from jobreport.cli.options.smtp import Smtp, smtp_options
from jobreport.cli.options.store import chosen_store, store_option
from jobreport.cli.options.types import Endpoint, OutsideIssuer, Proxies, PublicURL, Rate, SignInProvider
from jobreport.server.timeouts import KEEP_ALIVE_SECONDS
from jobreport.settings import ServerSettings

SHUTDOWN_SECONDS: Final = 30
"""Seconds that running requests may still take after SIGTERM."""


@click.command()
@option("--host", envvar=settings.HOST, default="127.0.0.1", show_default=True, help="Address to listen on.")
@option(
    "--port",
    envvar=settings.PORT,
    type=Number(0, 65535),
    default=8080,
    show_default=True,
    help="Port to listen on; 0: any free one.",
)
@option(
    "--workers",
    envvar=settings.WORKERS,
    type=Number(1, 64),
    default=1,
    show_default=True,
    help="How many processes serve.",
)
@option(
    "--tls-cert",
    envvar=settings.TLS_CERT,
    type=click.Path(exists=True, dir_okay=False),
    help="The TLS certificate with its chain, in PEM. SIGHUP reads it again.",
)
@option(
    "--tls-key",
    envvar=settings.TLS_KEY,
    type=click.Path(exists=True, dir_okay=False),
    help="The private key of the certificate, in PEM. Only its owner may be able to read it.",
)
@option(
    "--trusted-proxy",
    envvar=settings.TRUSTED_PROXY,
    type=Proxies(),
    help="Addresses of proxies whose X-Forwarded-* headers are believed, with commas between them.",
)
@option(
    "--public-url",
    envvar=settings.PUBLIC_URL,
    type=PublicURL(),
    help="The address that clients use. It is in every token, as issuer and audience.",
)
@option(
    "--insecure-http",
    envvar=settings.INSECURE_HTTP,
    is_flag=True,
    help="Allow plain HTTP on a network. Only where nobody else can listen.",
)
@option(
    "--key-days",
    envvar=settings.KEY_DAYS,
    type=Number(0, 3650),
    default=90,
    show_default=True,
    help="After how many days the key that signs tokens is replaced; 0: never.",
)
@option(
    "--trust-issuer",
    "trusted",
    envvar=settings.TRUST_ISSUER,
    type=OutsideIssuer(),
    multiple=True,
    metavar="ISSUER",
    help="Accept the app-only access tokens of another OpenID provider. May be repeated.",
)
@option(
    "--sign-in-provider",
    envvar=settings.SIGN_IN_PROVIDER,
    type=SignInProvider(),
    metavar="PROVIDER",
    help="Let people sign in to the monitor by an OpenID provider, with roles and tenants from its claims.",
)
@option(
    "--rate-limit",
    envvar=settings.RATE_LIMIT,
    type=Rate(),
    help="How many requests of one app each process answers, such as 600/minute. By default there is no limit.",
)
@option(
    "--ping-limit",
    envvar=settings.PING_LIMIT,
    type=Rate(),
    default="300/minute",
    show_default=True,
    help="How many pings and reports an address of an inbox takes in each process; all take 200 times as many.",
)
@option(
    "--keep-alive",
    envvar=settings.KEEP_ALIVE,
    type=Number(1, 3600),
    default=KEEP_ALIVE_SECONDS,
    show_default=True,
    help="Seconds that a connection without requests stays open. Must be longer than your proxy keeps it.",
)
@option(
    "--metrics",
    envvar=settings.METRICS,
    type=Endpoint(),
    metavar="HOST:PORT",
    help="Tell Prometheus everything there, without a token: names of tenants, too. By default a token is needed.",
)
@option(
    "--log-format",
    envvar=settings.LOG_FORMAT,
    type=OneOf(["auto", "text", "json"]),
    default="auto",
    show_default=True,
    help="auto: text on a terminal, otherwise JSON.",
)
@smtp_options
@config_option
@store_option
def serve(
    host: str,
    port: int,
    workers: int,
    tls_cert: str | None,
    tls_key: str | None,
    trusted_proxy: str | None,
    public_url: str | None,
    insecure_http: bool,
    key_days: int,
    trusted: tuple[str, ...],
    sign_in_provider: str | None,
    rate_limit: tuple[int, int] | None,
    ping_limit: tuple[int, int],
    keep_alive: int,
    metrics: tuple[str, int] | None,
    log_format: str,
    smtp: Smtp,
    config: str | None,
    store: str | None,
) -> None:
    """Runs the server until Ctrl-C or SIGTERM. Requests that have begun are finished first.

    The exit code is 78 if a restart cannot help: the store or the secret key cannot be used as it is.

    \b
    jobreport serve
    jobreport serve --store sqlite:////srv/jobreport/jobs.db --port 8443 \\
        --host 0.0.0.0 --tls-cert /etc/ssl/jr.pem --tls-key /etc/ssl/jr.key \\
        --public-url https://jobs.example.com:8443

    If JOBREPORT_SECRET_KEY is set (or JOBREPORT_SECRET_KEY_FILE, the name of a file with it), the signing keys in the
    store are encrypted with it. For a store on PostgreSQL it must be set. jobreport key secret makes such a key.

    ISSUER is the issuer's URL and its settings, with spaces between them: audience= is the audience of its tokens.
    tenant= is the tenant that they are for; or tenant-claim= is the claim that names the tenant. roles-claim= is the
    claim that lists the roles. A role gives the permission of the same name; role:ROLE=PERMISSION gives a role of
    another name a permission.

    \b
    jobreport serve --trust-issuer "https://login.example.com audience=jobreport tenant=default"

    PROVIDER is written in the same way: the provider's URL, and its settings. client-id= is the ID that Jobreport has
    at the provider. The client secret, if there is one, is in JOBREPORT_SIGN_IN_SECRET, or in the file that
    JOBREPORT_SIGN_IN_SECRET_FILE names. roles-claim= is the claim that lists roles or groups (default: roles).
    role:VALUE=ROLE gives people with this value a role: viewer, operator or admin.

    Which tenants a person sees: each that tenant= names; those that the claim tenants-claim= names; and all, for people
    with the value all-tenants=. tenant:VALUE=NAME says which tenant a value of that claim means. name= is the name on
    the button, name-claim= the claim with the person's name (default: preferred_username). scope= asks for more than
    openid and profile. ca= is a file with the authority of the provider's certificate. The address to register there is
    /sign-in/return below the public URL.

    \b
    jobreport serve --sign-in-provider "https://login.example.com client-id=jobreport \\
        roles-claim=groups role:backup-team=operator role:it-leads=admin all-tenants=it-leads tenant=default"
    """
    import uvicorn

    from jobreport import logs
    from jobreport.app import build
    from jobreport.cli.serving import notify, tls
    from jobreport.cli.serving.listening import allow_connections, listen
    from jobreport.cli.serving.prepare import prepared
    from jobreport.cli.serving.smtp import mails, named, need
    from jobreport.hosts import is_loopback
    from jobreport.identity.oauth.trust import parse_trusted
    from jobreport.inbox.mail.mailbox import mailboxes
    from jobreport.inbox.mail.rules.registry import rules_of
    from jobreport.inbox.webhooks import sns_get
    from jobreport.inbox.webhooks.registry import forms_of
    from jobreport.server.protocol import Protocol
    from jobreport.server.worker_process import prepare
    from jobreport.server.workers import Server, Workers
    from jobreport.watch.declared import declared
    from jobreport.watch.delivery.deadman import deadman
    from jobreport.watch.rules import rules_of as notify_rules

    if bool(tls_cert) != bool(tls_key):
        raise click.UsageError("--tls-cert and --tls-key go together.")
    if not (tls_cert or trusted_proxy or insecure_http or is_loopback(host)):
        raise click.UsageError(
            f"{host} is not loopback, and tokens must not cross a network in clear text. Give --tls-cert and "
            "--tls-key, or --trusted-proxy for a proxy that ends TLS, or, where the network is safe, --insecure-http."
        )
    if tls_cert and tls_key:
        try:
            tls.check(tls_cert, tls_key)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
    file = configuration(config)
    configured(lambda: forms_of(file, sns_get.get))
    configured(lambda: rules_of(file))
    configured(lambda: notify_rules(file))
    configured(lambda: declared(file))
    if configured(lambda: mailboxes(file)):
        need("lxml")
    connectors_of(file)
    digests_of(file)
    configured(lambda: deadman(file))
    allow_connections()
    listeners = [listen(*one) for one in ((host, port), metrics) if one]
    taken = mails(smtp, tls_cert, tls_key)
    scheme = "https" if tls_cert else "http"
    bound = f"{scheme}://{f'[{host}]' if ':' in host else host}:{listeners[0].getsockname()[1]}"
    url = chosen_store(store)
    if any(parse_trusted(one).issuer == (public_url or bound) for one in trusted):
        raise click.UsageError("--trust-issuer names this service itself; its own tokens count anyway.")
    secret_key, provider_secret = prepared(url, bound, trusted, sign_in_provider)
    until_end = ExitStack()
    counts = until_end.enter_context(TemporaryDirectory(prefix="jobreport-")) if workers > 1 else ""
    served = ServerSettings(
        store=url,
        public_url=public_url or bound,
        log_json=log_format == "json" or (log_format == "auto" and not sys.stderr.isatty()),
        secret_key=secret_key,
        key_days=key_days,
        trusted=trusted,
        rate_limit=rate_limit,
        ping_limit=ping_limit,
        provider=sign_in_provider or "",
        provider_secret=provider_secret,
        config=config,
        tables=file.text,
        mails=taken,
        metrics_port=listeners[1].getsockname()[1] if metrics else None,
        counts=counts,
    )
    logs.configure(as_json=served.log_json)
    uvicorns = uvicorn.Config(
        partial(prepare, partial(build, served)),
        factory=True,
        loop="jobreport.cli.serving.event_loop:Loop",
        http=Protocol,
        ws="none",
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        ssl_certfile=Path(tls_cert) if tls_cert else None,
        ssl_keyfile=tls_key,
        ssl_context_factory=tls.context if tls_cert else None,
        proxy_headers=bool(trusted_proxy),
        forwarded_allow_ips=trusted_proxy,
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )

    def announce() -> None:
        click.echo(f"Jobreport is listening on {bound}")
        if taken:
            click.echo(f"Mails are taken on {named(taken.listener)}")
        if metrics:
            click.echo(f"Metrics are told on {named(listeners[1])}")
        notify.ready(f"Listening on {bound}")

    with until_end:
        if workers == 1:
            Server(uvicorns, announce).run(sockets=listeners)
        else:
            Workers(uvicorns, listeners, announce).run()
