"""The files of the pages: small, kept by the browser for ever, and complete."""

import gzip
import re
from pathlib import Path

from jobreport import monitor
from jobreport.monitor import static_files
from serving import App

FOLDER = Path(monitor.__file__).parent


def test_stylesheet_and_scripts_are_small() -> None:
    sent = [gzip.compress(file.content) for file in static_files.FILES.values()]
    assert sum(map(len, sent)) <= 15 * 1024


def test_a_file_is_kept_for_ever_and_asked_for_again_by_its_tag(idle: App) -> None:
    for source, kind in (("monitor.css", "text/css"), ("live.js", "text/javascript"), ("bad.svg", "image/svg+xml")):
        path = static_files.address(source)
        first = idle.server.http.get(path)
        assert (first.status_code, first.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        assert first.headers["content-type"].startswith(kind)
        again = idle.server.http.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_file_that_is_none_is_told(idle: App) -> None:
    assert idle.server.http.get("/static/none.css").status_code == 404
    assert idle.server.http.get("/static/monitor.css").status_code == 404


def test_no_template_has_a_script_or_a_style_of_its_own() -> None:
    for path in FOLDER.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", text), path.name


def test_every_class_of_a_template_is_styled_or_used_by_a_script() -> None:
    known = "".join((FOLDER / "static" / name).read_text(encoding="utf-8") for name in ("monitor.css", "live.js"))
    used = set()
    for path in FOLDER.rglob("*.html"):
        for classes in re.findall(r'class="([^"]*)"', path.read_text(encoding="utf-8")):
            used |= set(re.sub(r"{{.*?}}|{%.*?%}", " ", classes).split())
    plain = {name for name in used if not name.endswith("-")}
    assert plain
    assert not sorted(name for name in plain if f".{name}" not in known)
