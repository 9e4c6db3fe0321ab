"""The code's own tables in; the blocks of docs/reference between `<!-- generated: NAME -->` and its end out.

`python docs/generate.py` writes them; the tests compare what is committed with what this would write.
"""

import re
import runpy
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

import jobreport
from jobreport import settings
from jobreport.api import (
    backup_jobs,
    body,
    export,
    generation1,
    jobs,
    patience,
    pieces,
    problem,
    protocol,
    querystring,
    stream,
    token,
)
from jobreport.api import jobreport as report
from jobreport.api.openapi import document
from jobreport.app import URLS
from jobreport.cli import cli, loop
from jobreport.export import as_parquet, as_xlsx
from jobreport.identity import (
    assertions,
    attempts,
    certificates,
    issuers,
    jwts,
    keys,
    proofs,
    registrations,
    tenants,
    tokens,
)
from jobreport.identity.permissions import PERMISSIONS
from jobreport.model import errors, job, language, parameters, query, summary, ticks
from jobreport.model.catalog import (
    GENERATION_1_SERVICES,
    GENERATION_1_TYPES,
    SERVICE_LABELS,
    STATE_LABELS,
    JobState,
    JobType,
    ServiceType,
)
from jobreport.runner import reporter
from jobreport.store import BEAT_SECONDS, postgresql, sign_ins

FOLDER: Final = Path(__file__).parent / "reference"
BLOCK: Final = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

# What the contract says of each state, in words of ours.
_STATE_MEANINGS: Final = {
    JobState.NotStarted: "It is planned and has not begun.",
    JobState.InProgress: "It runs.",
    JobState.Successful: "It ended, and no object failed.",
    JobState.Skipped: "It ended, and there was nothing to do.",
    JobState.Exception: "It ended; some objects succeeded and some did not.",
    JobState.Failed: "It ended, and no object succeeded.",
    JobState.Waiting: "It was handed over and waits until it may begin.",
    JobState.Stopped: "Somebody stopped it.",
}
# What a variable that is no option is for.
_SECRETS: Final = {
    settings.CLIENT_SECRET: "The client secret, shown once by `jobreport app create`.",
    f"{settings.CLIENT_SECRET}_FILE": "A file with the client secret, instead of the variable above; one of the two.",
    settings.SECRET_KEY: "What the signing keys in the store are encrypted with, made by `jobreport key secret`.",
    f"{settings.SECRET_KEY}_FILE": "A file with the secret key, instead of the variable above; one of the two.",
}
# And which commands read it.
_READERS: Final = {
    settings.CLIENT_SECRET: tuple(f"jobreport {name}" for name in ("run", "flush", "jobs", "export", "summary")),
    settings.SECRET_KEY: ("jobreport serve", "jobreport key rotate", "jobreport key encrypt", "jobreport audit"),
}
# What a variable says that is another thing to each command.
_SHARED: Final = {
    settings.TENANT: "Whose jobs, where a store is used directly; whose apps, where they are made or listed.",
}
# Said where the code works the default out.
_COMPUTED: Final = {
    settings.STORE: "`jobs.db` in the platform's data folder",
    settings.SPOOL: "`spool` in the platform's state folder",
    settings.PUBLIC_URL: "the address that is bound",
}
# Where neither a server nor a store is named, reports wait in the spool.
_WITHOUT_A_STORE: Final = frozenset({"jobreport run", "jobreport flush"})


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its whole name."""
    yield from _below("jobreport", cli)


def _below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for part in command.list_commands(context):
        found = command.get_command(context, part)
        assert found is not None
        yield from _below(f"{name} {part}", found)


def options(command: click.Command) -> list[click.Option]:
    """A command's options, as `--help` has them."""
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def default(option: click.Option, command: str) -> str:
    """An option's default for people; empty where it has none."""
    if option.envvar == settings.STORE and command in _WITHOUT_A_STORE:
        return ""
    if option.envvar in _COMPUTED:
        return _COMPUTED[str(option.envvar)]
    value = option.to_info_dict()["default"]
    if option.is_flag or value in (None, "", ()) or type(value).__name__ == "Sentinel":
        return ""
    return " ".join(f"`{entry}`" for entry in (value if isinstance(value, list | tuple) else [value]))


def _names(option: click.Option) -> str:
    names = ", ".join(option.opts)
    if option.is_flag:
        return f"`{names}`"
    kind = option.type
    metavar = option.metavar or ("|".join(map(str, kind.choices)) if isinstance(kind, click.Choice) else "")
    if not metavar:
        is_number = isinstance(kind, click.IntRange)
        metavar = "N" if is_number else "FILE" if isinstance(kind, click.Path) else kind.name.upper()
    return f"`{names} {metavar}`"


def _range(option: click.Option) -> str:
    kind = option.type
    if not isinstance(kind, click.IntRange):
        return ""
    if kind.max is None:
        return f" From {kind.min}."
    return f" From {kind.min} to {kind.max}."


def _sentence(option: click.Option) -> str:
    text = re.sub(r"\s*\[default:.*?\]", "", option.help or "").strip()
    return f"{text}{_range(option)}{' Required.' if option.required else ''}".strip()


def command_line() -> str:
    """Each command: what it does, its usage, its options."""
    parts = []
    for name, command in commands():
        context = click.Context(command, info_name=name)
        usage = command.get_usage(context).removeprefix("Usage: ").replace("\n", " ")
        rows = [
            (_names(option), _sentence(option), default(option, name), f"`{option.envvar}`" if option.envvar else "")
            for option in options(command)
        ]
        parts.append(f"## `{name}`\n\n```text\n{re.sub(' +', ' ', usage)}\n```\n\n{_help(command).strip()}\n")
        if rows:
            parts.append(table(("option", "what it says", "default", "environment"), rows))
    return "\n".join(parts)


def _help(command: click.Command) -> str:
    """The command's help as Markdown: a paragraph that is not to be wrapped is a listing."""
    found = ""
    for paragraph in re.split(r"\n\s*\n", (command.help or "").strip()):
        first, *rest = paragraph.splitlines()
        if first.strip() != "\b":
            found += f"{' '.join(line.strip() for line in paragraph.splitlines())}\n\n"
            continue
        if rest[0].endswith(":") and "jobreport" not in rest[0]:
            rest = rest[1:]
        indent = min(len(line) - len(line.lstrip()) for line in rest)
        listing = "\n".join(line[indent:] for line in rest)
        found += f"```sh\n{listing}\n```\n\n"
    return found


def variables() -> list[str]:
    """Every environment variable that the settings module reads, secret files included."""
    found = [value for value in vars(settings).values() if isinstance(value, str) and value.startswith("JOBREPORT_")]
    for name in _READERS:
        found.insert(found.index(name) + 1, f"{name}_FILE")
    return found


def environment() -> str:
    """Each variable, the option it stands for, its default and the commands that know it."""
    known: dict[str, list[tuple[str, click.Option]]] = {}
    for name, command in commands():
        for option in options(command):
            known.setdefault(str(option.envvar), []).append((name, option))
    rows = []
    for variable in variables():
        users = known.get(variable, [])
        if not users:
            readers = ", ".join(f"`{name}`" for name in _READERS[variable.removesuffix("_FILE")])
            rows.append((f"`{variable}`", "none", _SECRETS[variable], "", readers))
            continue
        option = users[0][1]
        rows.append(
            (
                f"`{variable}`",
                f"`{option.opts[0]}`",
                _SHARED.get(variable, _sentence(option)),
                default(option, users[0][0]),
                ", ".join(f"`{name}`" for name, _ in users),
            )
        )
    return table(("variable", "option", "what it says", "default", "commands"), rows)


def states() -> str:
    """Every state."""
    return table(
        ("code", "name", "in words", "what it means", "finished"),
        (
            (
                state.value,
                f"`{state.name}`",
                STATE_LABELS[state],
                _STATE_MEANINGS[state],
                "yes" if state.finished else "no",
            )
            for state in JobState
        ),
    )


def services() -> str:
    """Every service type."""
    rows = (
        (service.value, f"`{service.name}`", SERVICE_LABELS[service], _generation(service in GENERATION_1_SERVICES))
        for service in ServiceType
    )
    return table(("code", "name", "in words", "generation"), rows)


def types() -> str:
    """Every job type."""
    rows = ((kind.value, f"`{kind.name}`", _generation(kind in GENERATION_1_TYPES)) for kind in JobType)
    return table(("code", "name", "generation"), rows)


def _generation(first: bool) -> str:
    return "1" if first else "2"


def mispaired() -> str:
    """The job types as the published lists pair them by position, where a name is missing in the one of names."""
    names = [kind for kind in GENERATION_1_TYPES if kind is not JobType.Initialize]
    wrong = zip(names, GENERATION_1_TYPES, strict=False)
    rows = ((f"`{kind.name}`", paired.value, kind.value) for kind, paired in wrong if kind is not paired)
    return table(("name", "by position", "right"), rows)


def query_parameters() -> str:
    """Every parameter of the query language."""
    rows = ((f"`{one.name}`", f"`{one.flag}`", one.meaning, f"`{one.example}`") for one in backup_jobs.PARAMETERS)
    return table(("parameter", "flag of `jobreport jobs`", "what it says", "example"), rows)


def export_columns() -> str:
    """Every column of an export: what it is called in each form, and its type in Parquet."""
    rows = (
        (f"`{field.name}`", title, "a name" if "dictionary" in str(field.type) else f"`{field.type}`")
        for field, (title, _, _) in zip(as_parquet.SCHEMA, as_xlsx.COLUMNS, strict=True)
    )
    return table(("CSV, NDJSON, Parquet", "XLSX", "type in Parquet"), rows)


def summary_parameters() -> str:
    """What a summary takes beside the filters."""
    rows = (
        (f"`{one.name}`", f"`{one.flag}`", one.meaning, f"`{one.example}`")
        for one in (summary.BY, summary.TIME_ZONE, summary.WITH)
    )
    return table(("parameter", "flag of `jobreport summary`", "what it says", "example"), rows)


def permissions() -> str:
    """Every permission, and what it allows."""
    return table(("permission", "allows"), ((f"`{name}`", text) for name, text in PERMISSIONS.items()))


def limits() -> str:
    """Every limit, from the constant that enforces it."""
    mib = 1024 * 1024
    rows: list[tuple[str, str, str]] = [
        ("Body of a report request", f"{report.MAX_BODY // 1024} KiB", "413"),
        ("`searchText`", f"{query.MAX_SEARCH} characters", "400"),
        ("`pageSize`", f"1 to {query.MAX_PAGE_SIZE:,}; 0 or left out: {query.DEFAULT_PAGE_SIZE}", "400"),
        ("`pageNumber`", f"0 to {job.INT32_MAX:,}", "400"),
        ("Nesting of JSON", f"{body.MAX_DEPTH} levels", "400"),
        ("Query string", f"{querystring.MAX_QUERY:,} bytes", "400"),
        ("All names and values of a question", f"{language.MAX_QUESTION // 1024} KiB", "400"),
        ("`comments` as a parameter", f"{query.MAX_SEARCH} characters", "400"),
        ("Values of `plan`, of `resource`, of `origin`", f"{parameters.MAX_NAMES}", "400"),
        ("Values of `serviceType`, of `jobType`, of `state`", f"{parameters.MAX_CODES}", "400"),
        ("Exports at a time, of a process", f"{export.MOST}", "503"),
        ("Exports at a time, of a tenant in a process", f"{export.MOST_OF_TENANT}", "429"),
        ("Wait asked for where there are so many", f"{export.RETRY_SECONDS} seconds", ""),
        (
            f"Time in which a client takes the next {stream.PIECE // 1024} KiB of an export",
            f"{stream.STALLED_SECONDS} seconds",
            "cut off",
        ),
        ("Groups of a summary", f"{summary.MAX_GROUPS:,}", "400"),
        ("Things by which a summary groups", f"{summary.MAX_KEYS}", "400"),
        ("Body of a write", f"{jobs.MAX_BODY // mib} MiB", "413"),
        ("Jobs of one write", f"{jobs.MAX_JOBS:,}", "413"),
        *((f"`{_wire(field)}`", f"{limit:,} characters", "400") for field, limit in job.TEXT_LIMITS.items()),
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
        ("One job of a write, as it is written", f"{pieces.MAX_PIECE // mib} MiB", "413"),
        ("Bodies that a worker holds at once", f"{body.MAX_HELD // mib} MiB", "503"),
        ("Form of a token request", f"{token.MAX_BODY // 1024} KiB", "413"),
        ("Failed sign-ins of a client at an address", f"{attempts.MAX_FAILURES} a minute, of all workers", "429"),
        ("Failed sign-ins at an address", f"{attempts.MAX_ADDRESS_FAILURES} a minute, of all workers", "429"),
        ("Requests of an app", "what `--rate-limit` says, of each worker; none by default", "429"),
        ("Address of a request", f"{protocol.MAX_URL // 1024} KiB", "414"),
        ("Header fields of a request", f"{protocol.MAX_FIELDS}, of {protocol.MAX_HEAD // 1024} KiB together", "431"),
        ("Requests of a connection that wait for an answer", f"{protocol.MAX_PIPELINED}", "400"),
        ("Connections of a worker", f"{protocol.MAX_CONNECTIONS:,}", "those that wait make room; else 503"),
        ("From a connection to the whole head of a request", f"{patience.HEAD_SECONDS} seconds", "408, or closed"),
        (
            "Arrival of a body",
            f"{patience.BODY_SECONDS} seconds, and more at {patience.MIN_RATE // 1024} KiB a second or faster",
            "408",
        ),
        (
            "A receiver of an answer",
            f"{patience.SENT // 1024} KiB in {patience.SEND_SECONDS} seconds at least",
            "closed",
        ),
        ("Answers of a worker that nobody takes", f"{patience.MAX_UNSENT // mib} MiB", "the largest are closed"),
        ("Rest of a body that is not wanted", f"{patience.REST_SECONDS} seconds", "closed"),
        ("Handshake of TLS", f"{loop.HANDSHAKE_SECONDS} seconds", "closed"),
        ("Life of a token", f"{tokens.LIFETIME_SECONDS:,} seconds", ""),
        ("Life of a client secret", f"{', '.join(map(str, registrations.SECRET_YEARS))} years", ""),
        ("Live client secrets of an app, and live certificates", f"{proofs.MOST} each", ""),
        ("File of a certificate", f"{certificates.MAX_FILE // 1024} KiB", ""),
        ("RSA key of a certificate", f"{certificates.RSA_BITS[0]:,} to {certificates.RSA_BITS[1]:,} bits", ""),
        ("Life of a client assertion", f"{assertions.LIFETIME_SECONDS:,} seconds", "401"),
        ("`jti` of a client assertion", f"1 to {assertions.MAX_JTI} characters", "401"),
        (
            "Difference between clocks that is borne in assertions and outside tokens",
            f"{jwts.SKEW_SECONDS} seconds",
            "401",
        ),
        ("Warning before the last secret or certificate of an app ends", f"{proofs.WARN_DAYS} days", ""),
        ("Time for which the published keys may be kept", f"{keys.CACHE_SECONDS} seconds", ""),
        ("Time from the publication of a key to its first use", f"{keys.LEAD_SECONDS} seconds", ""),
        ("Age of an outside issuer's keys until they are renewed", f"{issuers.FRESH_SECONDS:,} seconds", ""),
        ("Age of an outside issuer's keys while it cannot be reached", f"{issuers.STALE_SECONDS:,} seconds", "503"),
        ("Pause between two questions to an outside issuer", f"{issuers.RETRY_SECONDS} seconds", ""),
        (
            "Answer of an outside issuer",
            f"{issuers.MAX_DOCUMENT // 1024} KiB, {2 * issuers.TIMEOUT_SECONDS} seconds",
            "503",
        ),
        ("Name of an app", f"{registrations.MAX_NAME} characters", ""),
        ("Name of a tenant", f"{tenants.MAX_NAME} lower-case letters, digits, `.`, `-`, `_`", ""),
        ("Time in which a deleted tenant can be resumed", f"{tenants.GRACE_DAYS} days, or as `--grace` says", ""),
        ("Addresses that an entry on sign-ins names", f"{sign_ins.ADDRESSES}", ""),
        ("Silence until a job is presumed Failed", f"{job.SILENT_INTERVALS} heartbeats", ""),
        ("Beat of the watch for silent jobs", f"{BEAT_SECONDS} seconds", ""),
        ("Longest pause between two looks at a running command", f"{reporter.PROGRESS_SECONDS:.0f} seconds", ""),
        ("Wait asked for in `Retry-After`", f"{problem.RETRY_SECONDS} seconds", ""),
        ("Connections of a process to PostgreSQL", f"{postgresql.MOST}", "503"),
        ("Wait for a connection to PostgreSQL", f"{postgresql.CONNECT_SECONDS} seconds", "503"),
        ("Wait of a writer for another", f"{postgresql.LOCK_SECONDS} seconds", "503"),
        ("A statement in PostgreSQL", f"{postgresql.STATEMENT_SECONDS} seconds", "503"),
    ]
    return table(("what", "limit", "beyond it"), rows)


def _wire(field: str) -> str:
    from jobreport.model.wire import NAMES

    return NAMES[field]


def routes() -> str:
    """Every route, as the URL table has it."""
    rows = (
        (
            f"`{method} {path.replace(':any}', '}')}`",
            operation.summary,
            " or ".join(f"`{name}`" for name in PERMISSIONS if name in operation.needs) or "none",
        )
        for method, path, operation in URLS
    )
    return table(("route", "what it does", "permission"), rows)


def _document() -> Mapping[str, Any]:
    return document(URLS, version=jobreport.__version__, server="https://jobs.example.com")


def _schemas() -> Mapping[str, Any]:
    found: Mapping[str, Any] = _document()["components"]["schemas"]
    return found


def answers() -> str:
    """What each route answers, by status."""
    rows = []
    for path, operations in _document()["paths"].items():
        for method, operation in operations.items():
            responses = operation["responses"]
            good = [status for status in responses if status < "400"]
            shapes = [_shape(content) for status in good for content in responses[status].get("content", {}).items()]
            faults = [status for status in responses if status >= "400"]
            rows.append((f"`{method.upper()} {path}`", ", ".join(good), ", ".join(shapes), ", ".join(faults)))
    return table(("route", "answers", "with", "errors"), rows)


def _shape(content: tuple[str, Mapping[str, Any]]) -> str:
    media_type, described = content
    name = described["schema"].get("$ref", "").rpartition("/")[2]
    return f"`{name}`" if name else f"`{media_type}`"


def fields(name: str) -> str:
    """The fields of a documented type."""
    schema = _schemas()[name]
    required = schema.get("required", [])
    rows = [
        (f"`{field}`", _kind(shape), _text(shape), "" if field not in required else "yes")
        for field, shape in schema["properties"].items()
    ]
    return table(("field", "JSON", "what it says", "required"), rows)


def _shapes(shape: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield shape
    for part in (*shape.get("anyOf", ()), *shape.get("oneOf", ())):
        yield from _shapes(part)


def _text(shape: Mapping[str, Any]) -> str:
    return next((part["description"] for part in _shapes(shape) if "description" in part), "")


def _kind(shape: Mapping[str, Any]) -> str:
    found: list[str] = []
    for part in _shapes(shape):
        kind = part.get("type")
        if "$ref" in part:
            kind = part["$ref"].rpartition("/")[2]
        elif kind == "array":
            kind = f"array of {_kind(part['items'])}"
        elif kind is None and "const" in part:
            kind = "integer"
        if kind and kind != "null" and kind not in found:
            found.append(kind)
    return " or ".join(found) or "any"


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "commands": command_line,
    "environment": environment,
    "states": states,
    "services": services,
    "types": types,
    "mispaired-types": mispaired,
    "query-parameters": query_parameters,
    "summary-parameters": summary_parameters,
    "export-columns": export_columns,
    "permissions": permissions,
    "limits": limits,
    "routes": routes,
    "answers": answers,
    **runpy.run_path(str(Path(__file__).with_name("python_client.py")))["BLOCKS"],
    **{
        f"fields-{name}": (lambda name=name: fields(name))
        for name in (
            generation1.ReportJobRequestModel.__name__,
            generation1.PaginationModel.__name__,
            generation1.ReportJobModel.__name__,
            generation1.Jobs.__name__,
            "JobsPage",
            "JobItem",
            "ErrorModel",
            "Summary",
            "Coverage",
            "Tally",
            "Group",
            "Objects",
            "JobReport",
            "Recorded",
            "JobHistory",
            "EarlierVersion",
            "Health",
            "Problem",
            "FieldError",
            "TokenForm",
            "TokenAnswer",
            "TokenError",
        )
    },
}


def rendered(text: str) -> str:
    """A page with each of its blocks as the code has it now."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found[2]]().strip()}\n\n{found[3]}", text)


def main() -> None:
    """Writes every page of the reference."""
    for path in sorted(FOLDER.glob("*.md")):
        path.write_text(rendered(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
