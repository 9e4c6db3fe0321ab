"""`/docs`: the API in the browser, out of an installed package's files, with nothing from anywhere else."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from serving import PATIENCE, Server

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
ALL_TOOLS = bool(os.environ.get("JOBREPORT_TEST_ALL_TOOLS"))


def test_page_names_files_of_this_server_alone_and_all_of_them_load(server: Server) -> None:
    page = server.http.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "://" not in page.text
    names = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(names) >= 3
    for name in names:
        assert not name.startswith(("/", "http"))
        assert server.http.get(f"/{name}").status_code == 200, name


def test_page_may_load_and_run_nothing_from_elsewhere(server: Server) -> None:
    policy = server.http.get("/docs").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "script-src" not in policy or "unsafe" not in policy.split("script-src")[1].split(";")[0]
    assert server.http.get("/docs").headers["x-content-type-options"] == "nosniff"


def test_files_bear_their_types(server: Server) -> None:
    for name, kind in (("swagger-ui-bundle.js", "javascript"), ("swagger-ui.css", "text/css")):
        assert kind in server.http.get(f"/docs/assets/{name}").headers["content-type"]


@pytest.mark.skipif(CHROMIUM is None and not ALL_TOOLS, reason="no Chromium here; on Debian: apt install chromium")
def test_browser_shows_every_operation(server: Server, tmp_path: Path) -> None:
    assert CHROMIUM
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    picture = tmp_path / "docs.png"
    looked = [*options, "--virtual-time-budget=20000", "--window-size=1200,1600"]
    shown = subprocess.run(
        [CHROMIUM, *looked, "--dump-dom", f"{server.url}/docs"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    ).stdout
    for path, methods in server.http.get("/openapi.json").json()["paths"].items():
        for method in methods:
            assert re.search(rf"opblock-{method}\b", shown), method
        # The page puts a possible line break after each slash.
        assert f'data-path="{path}"' in shown, path
    assert "PublicAPI_GetAllJobDetails" in shown
    subprocess.run(
        [CHROMIUM, *looked, f"--screenshot={picture}", f"{server.url}/docs"],
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    assert picture.stat().st_size > 20_000
