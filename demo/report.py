"""Shows the report as any client gets it: a table, the total, and the lines that ask for it again."""

import io
import json
import re
from pathlib import Path

import msgspec
from backups import Expected
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text
from service import Service
from stage import Stage

from jobreport.cli.output.console import STYLES, console
from jobreport.cli.output.jobs import show_jobs
from jobreport.client import DetailsPage
from jobreport.model.catalog import JobState

BODY = {"pagination": {"pageNumber": 0, "pageSize": 50}}


def show(stage: Stage, expected: Expected, picture: Path | None) -> bool:
    """Prints the report, and whether each job is in the state that it ought to be in; draws it where asked to."""
    page = msgspec.convert(stage.search(), DetailsPage)
    if picture:
        _draw(page, stage.folder, picture)
    out = console()
    out.print("\njobreport jobs --page-size 50\n", highlight=False)
    show_jobs(out, page.jobs)
    out.print(f"\n{page.total_count} jobs\n")
    good = page.total_count == len(expected)
    for description, state in expected.items():
        found = stage.ask({"searchText": description})["jobs"]
        good &= _check(out, description, state, JobState(found[0]["state"]) if len(found) == 1 else None)
    out.print("\nEvery job came out as it should." if good else "\nNot every job came out as it should.")
    _repeat(stage.service)
    return good


def invite(service: Service) -> None:
    """Says what can be done while the service goes on."""
    service.add_operator("anna")
    print(f"\nThe API in the browser: {service.url}/docs")
    print(f"The monitor: this address signs you in, once, in the next hour.\n{service.link('anna', 60)}")
    print("Serving until Ctrl-C …", flush=True)


def _draw(page: DetailsPage, folder: Path, picture: Path) -> None:
    """The list as SVG, in the reader's own fonts: nothing is loaded from elsewhere. `folder` is shown as /srv."""
    text = msgspec.json.encode(page).replace(str(folder).encode(), b"/srv")
    page = msgspec.json.decode(text, type=DetailsPage)
    out = Console(record=True, width=100, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    show_jobs(out, page.jobs)
    out.print(f"\n{page.total_count} jobs")
    frame = re.sub(r"@font-face \{\{.*?\}\}|<!--.*?-->", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    picture.write_text(out.export_svg(title="jobreport jobs", code_format=frame))


def _check(out: Console, description: str, state: JobState, found: JobState | None) -> bool:
    good = found is state
    name = found.name if found is not None else "missing"
    line = Text.assemble("  ", ("✓" if good else "✗", "green" if good else "bold red"), f" {description:<42}")
    line.append(name, STYLES[found] if found is not None else "bold red")
    if not good:
        line.append(f", should be {state.name}")
    out.print(line)
    return good


def _repeat(service: Service) -> None:
    """The very lines; the secret stays in its file."""
    print(f"""
Ask it yourself:

  TOKEN=$(curl -s {service.url}/connect/token \\
    -d grant_type=client_credentials -d client_id={service.client_id} \\
    --data-urlencode client_secret@{service.secret_file} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s {service.url}/api/public/jobreport -H "Authorization: Bearer $TOKEN" \\
    -H 'Content-Type: application/json' -d '{json.dumps(BODY)}'""")
