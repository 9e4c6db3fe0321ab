"""The pages on senders: each has one, and the templates that are pasted from them give what is read."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jobreport.inbox.webhooks.formats import FORMATS
from jobreport.model.catalog import JobState
from webhook_samples import BACKREST, PVE, delivery

PAGES = Path(__file__).parents[3] / "docs" / "how-to"


def template(page: str, language: str) -> str:
    text = (PAGES / page).read_text(encoding="utf-8")
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(block)


def filled(text: str, values: dict[str, Any], form: str) -> str:
    """A template with values in it, as its sender fills it: as JSON, but for the word of an event."""
    for name, place in re.findall(form, text):
        value = values[place]
        text = text.replace(name, value if place == ".Event" else json.dumps(value))
    assert "{{" not in text
    return text


def test_each_sender_has_its_line_on_the_page_of_all() -> None:
    table = (PAGES / "webhooks.md").read_text(encoding="utf-8")
    assert [name for name in FORMATS if f"`{name}`" not in table] == []


def test_the_template_for_proxmox_gives_what_is_read() -> None:
    body = filled(template("webhooks-proxmox.md", "handlebars"), PVE, r"(\{\{ (?:json )?(\w+) \}\})")
    assert FORMATS["pve"](delivery(body)) == FORMATS["pve"](delivery(PVE))


@pytest.mark.parametrize("stats", [BACKREST["stats"], None])
def test_the_template_for_backrest_gives_what_is_read(stats: dict[str, Any] | None) -> None:
    hook = {**BACKREST, "stats": stats}
    values = {
        ".Event": hook["event"],
        ".Task": hook["task"],
        ".Repo.Id": hook["repo"],
        ".Repo.Guid": hook["repoGuid"],
        ".Plan.Id": hook["plan"],
        ".SnapshotId": hook["snapshot"],
        ".SnapshotStats": hook["stats"],
        ".CurTime.UnixMicro": hook["at"],
        ".Duration.Microseconds": hook["took"],
        ".Error": hook["error"],
    }
    text = template("webhooks-backrest.md", "go-template")
    body = filled(text, values, r"(\{\{ (?:\.JsonMarshal )?([\w.]+) \}\})")
    reading = FORMATS["backrest"](delivery(body))
    assert reading == FORMATS["backrest"](delivery(hook))
    assert reading.jobs[0].state is JobState.Successful


def test_the_script_for_veeam_posts_each_field_that_is_read() -> None:
    script = template("webhooks-veeam.md", "powershell")
    for field in ("server", "session", "job", "kind", "state", "result", "cancelled", "started", "ended", "message"):
        assert re.search(rf"^    {field} = ", script, re.MULTILINE), field
    assert "name = $_.Name; result = " in script
