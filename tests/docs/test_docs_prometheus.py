"""Prometheus itself, with the configuration of its how-to: it gets a token, and what it is told can be asked for."""

import json
import re
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import httpx
from pages import DOCS, text

from connecting import PATIENCE, connect, until
from installed import installed
from jobs import job
from serving import App, Server, serve, typed

PAGE = DOCS / "how-to" / "prometheus.md"
SCRAPES = re.findall(r"^```yaml\n(scrape_configs:.*?)^```$", text(PAGE), re.MULTILINE | re.DOTALL)
LISTENS = re.compile(r'msg="Listening on" address=(\S+)')


def configured(server: Server, secret: Path, client_id: str, metrics: str) -> str:
    """Both configurations of the page as one, which ask this server, and soon."""
    by_token, by_port = SCRAPES
    own = by_port.removeprefix("scrape_configs:\n").replace("job_name: jobreport", "job_name: own-port")
    places = {
        "scheme: https": "scheme: http",
        "https://jobs.example.com": server.url,
        "[jobs.example.com]": f"['{httpx.URL(server.url).netloc.decode()}']",
        "3c8b0d7e-0000-0000-0000-000000000000": client_id,
        "/etc/prometheus/jobreport-secret": str(secret),
        "127.0.0.1:9464": f"'{metrics}'",
        "scrape_interval: 1m": "scrape_interval: 1s",
    }
    whole = by_token + own
    for there, here in places.items():
        assert there in whole, there
        whole = whole.replace(there, here)
    return whole


def test_prometheus_asks_by_a_token_and_on_a_port_of_its_own(tmp_path: Path, tenant: str) -> None:
    program = installed("prometheus", "prometheus")
    with serve(tmp_path / "served", "--metrics", "127.0.0.1:0") as server:
        assert server.app(tenant).write([job("FB1", plan="nightly")]).status_code == 200
        (command,) = [line for line in text(PAGE).splitlines() if line.startswith("jobreport app create")]
        made = typed(*command.split()[1:], "--store", server.store, "--json")
        app = App(server, json.loads(made.stdout))
        (metrics,) = re.findall(r"^Metrics are told on (\S+)$", server.printed, re.MULTILINE)
        secret = tmp_path / "secret"
        secret.write_text(app.secret)
        file = tmp_path / "prometheus.yml"
        file.write_text(configured(server, secret, app.client_id, metrics), encoding="utf-8")
        words = (f"--config.file={file}", f"--storage.tsdb.path={tmp_path}/data", "--web.listen-address=127.0.0.1:0")
        log = tmp_path / "log"
        with log.open("wb") as out, subprocess.Popen([program, *words], stdout=out, stderr=out) as prometheus:
            try:
                (address,) = until(lambda: LISTENS.findall(log.read_text()), "its address")
                with closing(connect(f"http://{address}")) as http:
                    question = {"query": f'jobreport_jobs{{tenant="{tenant}",state="Successful"}}'}

                    def told() -> list[dict[str, object]]:
                        answer = http.get("/api/v1/query", params=question)
                        found = answer.json()["data"]["result"] if answer.is_success else []
                        return found if len(found) == 2 else []

                    found = until(told, "what both were told")
                    assert {one["metric"]["job"] for one in found} == {"jobreport", "own-port"}
                    assert {one["value"][1] for one in found} == {"1"}
            finally:
                prometheus.send_signal(signal.SIGTERM)
                prometheus.wait(PATIENCE)
