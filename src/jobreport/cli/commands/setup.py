"""`jobreport setup`: a service on this machine, an app to report as, and the first backup, in one command."""

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from jobreport.cli.options.as_json import json_option
from jobreport.cli.options.choices import Number
from jobreport.cli.options.completing import files
from jobreport.cli.options.types import Proxies, PublicURL

if TYPE_CHECKING:
    from jobreport.cli.setup.apply import Setup, Step
    from jobreport.cli.setup.plan import Choice

_PLAN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_FIRST_FREE_PORT: Final = 1024
"""The first port that needs no privilege."""
_FILE: Final = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)


@click.command(context_settings={"allow_interspersed_args": False})
@click.option("--public-url", type=PublicURL(), metavar="URL", help="Other machines report here, under this address.")
@click.option("--tls-cert", type=_FILE, metavar="FILE", help="With --public-url: the certificate, in PEM, with chain.")
@click.option("--tls-key", type=_FILE, metavar="FILE", help="With --public-url: its private key, in PEM.")
@click.option(
    "--trusted-proxy",
    type=Proxies(),
    metavar="ADDRESS",
    help="With --public-url, instead of a certificate: the proxy that ends TLS.",
)
@click.option("--port", type=Number(1, 65535), help="Port of the service.  [default: 8080, or the URL's]")
@click.option("--plan", default="nightly", metavar="NAME", help="With COMMAND: the plan that the backup belongs to.")
@click.option("--at", default="02:30", metavar="HH:MM", help="With COMMAND: when it runs, every day.")
@click.option("--dry-run", is_flag=True, help="Print what would be done; do nothing.")
@click.option("--force", is_flag=True, help="Replace files that say something else; keep each old one as NAME.old.")
@json_option
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]", shell_complete=files)
def setup(dry_run: bool, force: bool, as_json: bool, **options: Any) -> None:
    """Set Jobreport up on this machine: the service, an app, and the first backup.

    Without options the service is for this machine alone. With --public-url, other machines report here, too. COMMAND
    is the command of a backup that is to run every day. Needs root. What is there already is kept; a second run changes
    nothing.

    \b
    Examples:
      jobreport setup --dry-run
      jobreport setup -- restic -r /srv/repo backup /home --json
      jobreport setup --public-url https://jobs.example.com:8443 --tls-cert jobs.pem --tls-key jobs.key
      jobreport setup --public-url https://jobs.example.com --trusted-proxy 127.0.0.1
    """
    from jobreport.cli.setup.apply import Setup

    choice = _choice(options)
    if os.geteuid() and not dry_run:
        raise click.ClickException(
            "setup writes to /etc and starts a service, so it needs root: sudo jobreport setup …\n"
            "To try Jobreport as yourself: jobreport serve"
        )
    steps: list[Step] = []

    def told(step: "Step") -> None:
        steps.append(step)
        if not as_json:
            click.echo(f"{_word(step.result, dry_run):<13} {step.what}  ({step.purpose})")

    done = Setup(choice, dry=dry_run, force=force, told=told)
    done.run()
    if as_json:
        document = {
            "done": not dry_run,
            "url": done.url,
            "clientId": done.client_id or None,
            "steps": [{"what": step.what, "result": step.result, "purpose": step.purpose} for step in steps],
            "next": dict(_next(choice, done)),
        }
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo("\nNothing was done. Without --dry-run:" if dry_run else "\nDone.")
        for what, how in _next(choice, done):
            click.echo(f"{what}:\n    {how}")


def _choice(options: dict[str, Any]) -> "Choice":
    """Returns what was asked for. A usage error if it contradicts itself, or cannot work on this machine."""
    from jobreport.cli.setup import places
    from jobreport.cli.setup.plan import Backup, Choice

    if not sys.platform.startswith("linux"):
        raise click.ClickException("setup knows services of Linux only; here, start `jobreport serve` by hand")
    public_url, cert, key = options["public_url"], options["tls_cert"], options["tls_key"]
    proxy, port = options["trusted_proxy"], options["port"]
    if (cert or key or proxy) and not public_url:
        raise click.UsageError("--tls-cert, --tls-key and --trusted-proxy go with --public-url.")
    if bool(cert) != bool(key):
        raise click.UsageError("--tls-cert and --tls-key go together.")
    if public_url and not (cert or proxy):
        raise click.UsageError(
            "Secrets must not cross a network in clear text: give --tls-cert and --tls-key, or --trusted-proxy."
        )
    if cert and proxy:
        raise click.UsageError("Give either --tls-cert and --tls-key, or --trusted-proxy.")
    if cert and port is None:
        port = urlsplit(public_url).port or 443
    program = Path(sys.executable).with_name("jobreport")
    systemd = places.SYSTEMD.is_dir()
    if systemd:
        _refuse_hidden(program)
        if cert and port is not None and port < _FIRST_FREE_PORT:
            raise click.UsageError(
                f"The service may not listen on port {port}. Take one from 1024 on, such as "
                f"--public-url {public_url}:8443, or a proxy."
            )
    units = (places.UNIT, *places.FLUSH)
    return Choice(
        program=program,
        systemd=systemd,
        packaged=frozenset(name for name in units if any((one / name).exists() for one in places.PACKAGED_UNITS)),
        port=port,
        public_url=public_url,
        tls_cert=cert,
        tls_key=key,
        trusted_proxy=proxy,
        backup=_backup(options, Backup) if options["command"] else None,
    )


def _backup(options: dict[str, Any], make: type) -> Any:
    if not _PLAN.fullmatch(options["plan"]):
        raise click.BadParameter("use letters, digits, - and _ only; it names a unit", param_hint="--plan")
    if not _TIME.fullmatch(options["at"]):
        raise click.BadParameter("write a time of day such as 02:30", param_hint="--at")
    command = tuple(options["command"])
    if shutil.which(command[0]) is None:
        raise click.BadParameter(f"there is no program {command[0]!r} on the PATH", param_hint="COMMAND")
    return make(plan=options["plan"], at=options["at"], command=command)


def _refuse_hidden(program: Path) -> None:
    from jobreport.cli.setup import places

    needed = (program, Path(sys.base_prefix), Path(__file__))
    for one in (path.resolve() for path in needed):
        for folder in places.HIDDEN:
            if one.is_relative_to(folder):
                raise click.ClickException(
                    f"the service sees nothing in {folder}, and {one} is there. Install Jobreport in /opt/jobreport, "
                    "with the Python of the system, and call that one:\n"
                    "  /usr/bin/python3 -m venv /opt/jobreport\n"
                    "  /opt/jobreport/bin/pip install FOLDER-OF-THE-CHECKOUT\n"
                    "  /opt/jobreport/bin/jobreport setup"
                )


def _word(result: str, dry: bool) -> str:
    return {"made": "would make", "changed": "would change", "done": "would do"}.get(result, result) if dry else result


def _next(choice: "Choice", done: "Setup") -> list[tuple[str, str]]:
    """Returns what there is to do now, each with its command."""
    from jobreport.cli.setup import places

    store = f"--store {places.STORE}"
    steps: list[tuple[str, str]] = []
    if not choice.systemd:
        start = f"set -a; . {places.SERVER_ENV}; exec {choice.program} serve"
        steps.append(
            ("There is no systemd here. To start the service", f"setpriv --reuid={places.USER} --regid={places.USER} "
             f"--clear-groups sh -c '{start}'")
        )  # fmt: skip
    if choice.backup and (line := done.secret_setting):
        steps.append(
            ("The backup needs its password, and nobody will be there to type it. Name a file with it",
             f'echo "{line}" >>{places.RUNNER_ENV}')
        )  # fmt: skip
    if choice.backup and choice.systemd:
        steps.append(("To run the backup now", f"systemctl start {choice.backup.name}.service"))
    elif not choice.backup:
        steps.append(("To run a backup every day", "jobreport setup -- restic -r /srv/repo backup /home --json"))
    steps.append(("To see the report, as root", f"jobreport jobs --since 1d {store} --tenant default"))
    steps.append(
        (f"To see the monitor at {done.url}/", f"jobreport operator add NAME --all-tenants --role admin {store}")
    )
    steps.append(("To see the API in a browser", f"{done.url}/docs"))
    if done.moved:
        steps.append(
            (
                "To deliver what waits for the old address",
                f"(set -a; . {places.RUNNER_ENV}; jobreport spool redirect --all && jobreport flush)",
            )
        )
    if choice.public_url:
        permission = "--permission PlatformBackup.Jobs.Report"
        steps.append(
            ("For each machine that reports here", f'jobreport app create --name "runner on NAME" {permission} {store}')
        )
    return steps
