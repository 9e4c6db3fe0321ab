"""Takes the pictures of the monitor that the README and the documentation show.

It serves a store with invented jobs up to now, signs in with Chromium, and saves what it sees. So the pictures show the
pages as they are: run `make pictures` after a change of their look.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
from playwright.sync_api import Page, ViewportSize, sync_playwright

FOLDER: Final = Path(__file__).parent / "pictures"
PICTURES: Final = {
    "overview": ("/?tenant=sample-1", 1366, 860),
    "night": ("/night?tenant=sample-1", 1366, 700),
    "customers": ("/customers", 1366, 420),
}
"""The name of each picture, the page that it shows, and the size of the window in pixels."""
SECONDS: Final = 60


def main() -> None:
    """Takes all pictures."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is needed; on Debian: apt install chromium")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (url, password), sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (path, width, height) in PICTURES.items():
            context = browser.new_context(viewport=ViewportSize(width=width, height=height), color_scheme="light")
            page = context.new_page()
            sign_in(page, url, password)
            page.goto(url + path)
            page.screenshot(path=FOLDER / f"{name}.png")
            context.close()
        browser.close()


def sign_in(page: Page, url: str, password: str) -> None:
    """Signs in as the operator that `served` has added."""
    page.goto(f"{url}/sign-in")
    page.fill("input[name=name]", "anna")
    page.fill("input[name=password]", password)
    with page.expect_navigation():
        page.click("main button")


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str]]:
    """Serves a store with invented jobs, and ends that afterwards. Gives the address and the password of anna."""
    store, password = f"sqlite:///{folder / 'jobs.db'}", secrets.token_urlsafe(24)
    file = folder / "password"
    file.touch(0o600)
    file.write_text(password)
    jobreport("sample-data", "--jobs", "40000", "--tenants", "6", "--until", "now", "--store", store)
    jobreport("tenant", "set", "sample-1", "--tz", "Europe/Berlin", "--store", store)
    jobreport("operator", "add", "anna", "--all-tenants", "--password-file", str(file), "--store", store)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen([*PROGRAM, "serve", "--store", store, "--port", str(port)], env=ENVIRONMENT)
    try:
        wait_for(f"{url}/readyz")
        yield url, password
    finally:
        server.terminate()
        server.wait()


PROGRAM: Final = [sys.executable, "-m", "jobreport"]
ENVIRONMENT: Final = {name: value for name, value in os.environ.items() if not name.startswith("JOBREPORT_")}


def jobreport(*words: str) -> None:
    """Runs a command of the program."""
    subprocess.run([*PROGRAM, *words], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)


def wait_for(url: str) -> None:
    """Waits until the server answers."""
    for _ in range(SECONDS * 5):
        try:
            httpx.get(url, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    sys.exit("the server does not answer")


if __name__ == "__main__":
    main()
