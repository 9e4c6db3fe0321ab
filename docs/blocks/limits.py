"""Writes the table of all limits from the constants that enforce them."""

from collections.abc import Callable
from typing import Final

from blocks.markdown import table
from jobreport.api import inbox, jobs, token
from jobreport.api import jobreport as report
from jobreport.cli.serving import event_loop
from jobreport.connectors import base, configured, lease, stream_reader
from jobreport.connectors.exec import child
from jobreport.contract import json_value, parameters, query_language
from jobreport.contract.job_fields import NAMES
from jobreport.identity import inboxes, tenants
from jobreport.identity.apps import certificates, credentials, registrations
from jobreport.identity.keys import stored_keys
from jobreport.identity.oauth import assertions, documents, failed_sign_ins, issuers, jwts, tokens
from jobreport.identity.openid import transactions
from jobreport.identity.operators import accounts, delays, passwords
from jobreport.identity.operators import sessions as op_sessions
from jobreport.inbox import filing
from jobreport.inbox import report as inbox_report
from jobreport.inbox.mail import message, session, smtp
from jobreport.inbox.pings import body
from jobreport.inbox.webhooks import base as webhooks
from jobreport.inbox.webhooks import expressions
from jobreport.model import errors, job, query, series_query, summary, ticks
from jobreport.model.query import DEFAULT_PAGE_SIZE
from jobreport.model.tenants import GRACE_DAYS
from jobreport.monitor import forms
from jobreport.runner import reporter
from jobreport.server import (
    body_budget,
    compression,
    connections,
    framing,
    job_export,
    json_stream,
    problem,
    protocol,
    query_string,
    streams,
    timeouts,
    workers,
)
from jobreport.server.rate_limit import ALL_PINGS, KEY_PINGS, PINGS
from jobreport.services import connectors
from jobreport.store import HEARTBEAT_SECONDS
from jobreport.store.db import postgresql
from jobreport.store.registry import sign_ins, unread


def limits() -> str:
    """Every limit, from the constant that enforces it."""
    mib = 1024 * 1024
    rows: list[tuple[str, str, str]] = [
        ("Body of a report request", f"{report.MAX_BODY // 1024} KiB", "413"),
        ("`searchText`", f"{query.MAX_SEARCH} characters", "400"),
        ("`pageSize`", f"1 to {query.MAX_PAGE_SIZE:,}; 0 or left out: {DEFAULT_PAGE_SIZE}", "400"),
        (
            "`pageSize` of series",
            f"1 to {series_query.MAX_PAGE_SIZE:,}; 0 or left out: {DEFAULT_PAGE_SIZE}",
            "400",
        ),
        ("`pageNumber`", f"0 to {job.INT32_MAX:,}", "400"),
        ("Nesting of JSON", f"{json_value.MAX_DEPTH} levels", "400"),
        ("Query string", f"{query_string.MAX_QUERY:,} bytes", "400"),
        ("All names and values of a question", f"{query_language.MAX_QUESTION // 1024} KiB", "400"),
        ("`comments` as a parameter", f"{query.MAX_SEARCH} characters", "400"),
        ("Values of `plan`, of `resource`, of `origin`", f"{parameters.MAX_NAMES}", "400"),
        ("Values of `serviceType`, of `jobType`, of `state`", f"{parameters.MAX_CODES}", "400"),
        ("Exports at a time, of a process", f"{job_export.MOST}", "503"),
        ("Exports at a time, of a tenant in a process", f"{job_export.MOST_OF_TENANT}", "429"),
        ("Wait asked for where there are so many", f"{job_export.RETRY_SECONDS} seconds", ""),
        (
            f"Time in which a client takes the next {streams.PIECE // 1024} KiB of an export",
            f"{streams.STALLED_SECONDS} seconds",
            "cut off",
        ),
        ("Groups of a summary", f"{summary.MAX_GROUPS:,}", "400"),
        ("Things by which a summary groups", f"{summary.MAX_KEYS}", "400"),
        ("Body of a write", f"{jobs.MAX_BODY // mib} MiB", "413"),
        ("Jobs of one write", f"{jobs.MAX_JOBS:,}", "413"),
        *((f"`{NAMES[field]}`", f"{limit:,} characters", "400") for field, limit in job.TEXT_LIMITS.items()),
        ("`raw`", f"{job.MAX_RAW // 1024} KiB of JSON", "400"),
        ("`failedCount`, `successfulCount`, `skippedCount`, `totalCount`", f"0 to {job.INT32_MAX:,}", "400"),
        ("`bytes`", f"0 to {job.INT64_MAX:,}", "400"),
        ("`heartbeat`", f"0 to {job.MAX_HEARTBEAT:,} seconds; 0 is none", "400"),
        (
            "Any time",
            f"{ticks.to_iso(ticks.UNIX_EPOCH, digits=0)} to before {ticks.to_iso(ticks.YEAR_2200, digits=0)}",
            "400",
        ),
        ("Faults named in one answer", f"{errors.MAX_FAULTS}", ""),
        ("One job of a write, as it is written", f"{json_stream.MAX_VALUE // mib} MiB", "413"),
        ("Bodies that a worker holds at once", f"{body_budget.MAX_HELD // mib} MiB", "503"),
        ("Those of a tenant, of a provider's app, or of all who have not signed in", "as much as is left free", "503"),
        ("Form of a token request", f"{token.MAX_BODY // 1024} KiB", "413"),
        (
            "Failed sign-ins of a client at an address",
            f"{failed_sign_ins.MAX_FAILURES} a minute, of all workers",
            "429",
        ),
        ("Failed sign-ins at an address", f"{failed_sign_ins.MAX_ADDRESS_FAILURES} a minute, of all workers", "429"),
        ("Requests of an app", "what `--rate-limit` says, of each worker; none by default", "429"),
        (
            "Pings of an address",
            f"{PINGS.requests} in {PINGS.seconds} seconds or as `--ping-limit` says, of each worker",
            "429",
        ),
        ("Pings of all addresses below a ping key", f"{KEY_PINGS} times as many", "429"),
        ("Pings of all addresses together", f"{ALL_PINGS} times as many", "429"),
        (
            "Body of a ping that is kept, and that is read",
            f"{body.LIMIT:,} bytes, {inbox.MOST_READ // mib} MiB",
            "ignored",
        ),
        ("Body of a webhook", f"{webhooks.MAX_BODY // mib} MiB", "413"),
        ("Jobs of a webhook or a mail", f"{inbox_report.MAX_JOBS:,}", "kept unread"),
        ("Records of several jobs in one", f"{filing.MOST_RAW // mib} MiB", "those of later jobs are left out"),
        (
            "Unread of an inbox",
            f"{unread.MAX_KEPT:,}, and {unread.MAX_BYTES // mib} MiB",
            "503",
        ),
        (
            "Unread of all inboxes of a tenant",
            f"{unread.MAX_KEPT_OF_TENANT:,}, and {unread.MAX_BYTES_OF_TENANT // mib} MiB",
            "503",
        ),
        ("Expression of a mapping", f"{expressions.MAX_EXPRESSION:,} characters", "not taken"),
        ("Text in which its patterns look", f"{expressions.MOST_SEARCHED:,} characters", "the rest is left out"),
        ("Mails to an address", "count as its pings", "450"),
        (
            "A mail, its lines, its parts, and the characters of its texts",
            f"{message.MOST_BYTES // mib} MiB, {message.MOST_LINES:,}, {message.MOST_PARTS}, {message.MOST_TEXT:,}",
            "552, 554",
        ),
        (
            "Arrival of a mail, and silence of its sender",
            f"{session.MAIL_SECONDS} seconds, {session.IDLE_SECONDS} seconds",
            "closed",
        ),
        ("Recipients of a mail", f"{session.MOST_RECIPIENTS}", "452"),
        (
            "Connections for mails of a worker, and of one sender",
            f"{smtp.MOST_CONNECTIONS}, {smtp.MOST_OF_A_PEER}",
            "421",
        ),
        ("Inboxes of a tenant that pings make", f"{inboxes.MAX_INBOXES:,}", "404"),
        ("Interval of a connector", f"{configured.LEAST_EVERY} seconds to {configured.MOST_EVERY // 86_400} days", ""),
        ("Passes of connectors at a time, of a worker", f"{connectors.MOST}", "wait"),
        ("One pass of a connector", f"{connectors.PASS_SECONDS // 3600} hours", "ended; the next goes on"),
        ("Its memory, on Linux", f"{connectors.PASS_MEMORY} MiB", "it fails alone"),
        ("A connector whose process gives no sign of life", f"{lease.SECONDS} seconds", "taken over"),
        ("First look at a stream", f"{stream_reader.FIRST_LOOK // ticks.PER_DAY} days back, or as `--since` says", ""),
        ("Name of a stream", f"{base.MAX_STREAM_NAME} characters", "no data"),
        ("Line of a program of the kind `exec`", f"{child.MAX_LINE // mib} MiB", "no data"),
        ("Run of an inbox", f"{inboxes.LEAST_LONGEST} seconds to {inboxes.MOST_LONGEST // 3600} hours", ""),
        ("Address of a request", f"{framing.MAX_URL // 1024} KiB", "414"),
        ("Header fields of a request", f"{framing.MAX_FIELDS}, of {framing.MAX_HEAD // 1024} KiB together", "431"),
        ("Requests of a connection that wait for an answer", f"{protocol.MAX_PIPELINED}", "400"),
        ("Connections of a worker", f"{connections.MAX_CONNECTIONS:,}", "those that wait make room; else 503"),
        ("From a connection to the whole head of a request", f"{timeouts.HEAD_SECONDS} seconds", "408, or closed"),
        (
            "Arrival of a body",
            f"{timeouts.BODY_SECONDS} seconds for each {timeouts.BODY_BYTES // 1024} KiB",
            "408",
        ),
        (
            "A connection between two requests",
            f"{timeouts.KEEP_ALIVE_SECONDS} seconds, or as `--keep-alive` says",
            "closed",
        ),
        (
            "A receiver of an answer",
            f"{timeouts.SENT // 1024} KiB in {timeouts.SEND_SECONDS} seconds at least",
            "closed",
        ),
        ("Answer that is compressed for a client that asks", f"{compression.MIN_SIZE // 1024} KiB or more", ""),
        ("Answers of a worker that nobody takes", f"{timeouts.MAX_UNSENT // mib} MiB", "the largest are closed"),
        ("Rest of a body that is not wanted", f"{timeouts.REST_SECONDS} seconds", "closed"),
        ("Silence of a worker process until it is replaced", f"{workers.SILENT_SECONDS} seconds", ""),
        ("Handshake of TLS", f"{event_loop.HANDSHAKE_SECONDS} seconds", "closed"),
        ("Life of a token", f"{tokens.LIFETIME_SECONDS:,} seconds", ""),
        ("Life of a client secret", f"{', '.join(map(str, registrations.SECRET_YEARS))} years", ""),
        ("Live client secrets of an app, and live certificates", f"{credentials.MOST} each", ""),
        ("File of a certificate", f"{certificates.MAX_FILE // 1024} KiB", ""),
        ("RSA key of a certificate", f"{certificates.RSA_BITS[0]:,} to {certificates.RSA_BITS[1]:,} bits", ""),
        ("Life of a client assertion", f"{assertions.LIFETIME_SECONDS:,} seconds", "401"),
        ("`jti` of a client assertion", f"1 to {assertions.MAX_JTI} characters", "401"),
        (
            "Difference between clocks that is borne in assertions and outside tokens",
            f"{jwts.SKEW_SECONDS} seconds",
            "401",
        ),
        ("Warning before the last secret or certificate of an app ends", f"{credentials.WARN_DAYS} days", ""),
        ("Time for which the published keys may be kept", f"{stored_keys.CACHE_SECONDS} seconds", ""),
        ("Time from the publication of a key to its first use", f"{stored_keys.LEAD_SECONDS} seconds", ""),
        ("Age of an outside issuer's keys until they are renewed", f"{issuers.FRESH_SECONDS:,} seconds", ""),
        ("Age of an outside issuer's keys while it cannot be reached", f"{issuers.STALE_SECONDS:,} seconds", "503"),
        ("Pause between two questions to an outside issuer", f"{issuers.RETRY_SECONDS} seconds", ""),
        (
            "Answer of an outside issuer",
            f"{documents.MAX_DOCUMENT // 1024} KiB, {2 * documents.TIMEOUT_SECONDS} seconds",
            "503",
        ),
        ("Name of an app", f"{registrations.MAX_NAME} characters", ""),
        ("Name of an operator", f"{accounts.MAX_NAME} characters", ""),
        ("Password of an operator", f"{passwords.MIN_LENGTH} to {passwords.MAX_LENGTH} characters", "400"),
        (
            "Sign-in by a provider, from its begin to the return of the browser",
            f"{transactions.LASTS // (60 * ticks.PER_SECOND)} minutes, once",
            "400",
        ),
        ("Page to which a sign-in by a provider leads", f"{transactions.MAX_NEXT:,} characters", "the overview"),
        (
            "Session of an operator",
            f"{op_sessions.IDLE // (3600 * ticks.PER_SECOND)} hours without a request, "
            f"{op_sessions.WHOLE // ticks.PER_DAY} days in all",
            "signs in again",
        ),
        (
            "Time after a password in which it is not asked for again",
            f"{op_sessions.CONFIRMED // (60 * ticks.PER_SECOND)} minutes",
            "asked for again before a secret is shown",
        ),
        (
            "Wrong passwords of a name at an address without a delay",
            f"{delays.PAIR.free}; then 1 second, twice as long each time, at most {delays.PAIR.most / 60:.0f} minutes",
            "429",
        ),
        (
            "Wrong passwords of an address without a delay",
            f"{delays.ADDRESS.free}; then 1 second, twice as long each time, at most {delays.ADDRESS.most:.0f} seconds",
            "429",
        ),
        (
            "Wrong passwords of a name without a slower answer",
            f"{delays.NAME.free}; then at most {delays.NAME.most:.0f} seconds slower",
            "",
        ),
        ("Form of the monitor", f"{forms.MAX_FORM // 1024} KiB", "413"),
        ("Name of a tenant", f"{tenants.MAX_NAME} lower-case letters, digits, `.`, `-`, `_`", ""),
        ("Time in which a deleted tenant can be resumed", f"{GRACE_DAYS} days, or as `--grace` says", ""),
        ("Addresses that an entry on sign-ins names", f"{sign_ins.ADDRESSES}", ""),
        ("Silence until a job is presumed Failed", f"{job.SILENT_INTERVALS} heartbeats", ""),
        ("Heartbeat of the watch for stalled jobs", f"{HEARTBEAT_SECONDS} seconds", ""),
        ("Longest pause between two looks at a running command", f"{reporter.PROGRESS_SECONDS:.0f} seconds", ""),
        ("Wait asked for in `Retry-After`", f"{problem.RETRY_SECONDS} seconds", ""),
        ("Connections of a process to PostgreSQL", f"{postgresql.MOST}", "503"),
        ("Wait for a connection to PostgreSQL", f"{postgresql.CONNECT_SECONDS} seconds", "503"),
        ("Wait of a writer for another", f"{postgresql.LOCK_SECONDS} seconds", "503"),
        ("A statement in PostgreSQL", f"{postgresql.STATEMENT_SECONDS} seconds", "503"),
    ]
    return table(("what", "limit", "beyond it"), rows)


BLOCKS: Final[dict[str, Callable[[], str]]] = {"limits": limits}
