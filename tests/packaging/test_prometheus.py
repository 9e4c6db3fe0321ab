"""The alert rules and the dashboard in `deploy/`: promtool reads them, they ask for what is told, and alerts fire."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest

from installed import installed
from jobreport.cli import cli
from jobreport.metrics.catalog import METRICS

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "jobreport.rules.yml"
DASHBOARD = json.loads((DEPLOY / "grafana" / "jobreport.json").read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
WIDTH = 24
_SUFFIXES = {"gauge": ("",), "counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
TOLD = {f"{one.name}{suffix}": one for one in METRICS for suffix in _SUFFIXES[one.type]}

# What is told, for how many minutes, and the alerts that must fire then: of each rule one that does and one that not.
CASES = """
rule_files: [{rules}]
evaluation_interval: 5m
tests:
  - interval: 1m
    input_series:
      - {{series: 'jobreport_series{{tenant="acme", standing="needsYou"}}', values: '2x60'}}
      - {{series: 'jobreport_series{{tenant="well", standing="needsYou"}}', values: '0x60'}}
      - {{series: 'jobreport_series{{tenant="well", standing="well"}}', values: '9x60'}}
      - {{series: 'jobreport_series_verdict{{tenant="acme", verdict="missed"}}', values: '3x60'}}
      - {{series: 'jobreport_series_verdict{{tenant="acme", verdict="met"}}', values: '9x60'}}
      - {{series: 'jobreport_series_verdict{{tenant="acme", verdict="stale"}}', values: '0x5 2x60'}}
    alert_rule_test:
      - alertname: JobreportMissed
        eval_time: 10m
        exp_alerts:
          - exp_labels: {{severity: critical, tenant: acme, verdict: missed}}
            exp_annotations:
              summary: 3 backups of acme did not start
              description: They were due, and their grace has passed.
      - {{alertname: JobreportOldCopy, eval_time: 5m}}
      - alertname: JobreportOldCopy
        eval_time: 10m
        exp_alerts:
          - exp_labels: {{severity: critical, tenant: acme, verdict: stale}}
            exp_annotations:
              summary: 2 backups of acme have no good copy that is young enough
              description: No run failed, and none came in time. Retire the series if it no longer runs on purpose.
      - {{alertname: JobreportSeriesNeedSomebody, eval_time: 10m}}
      - alertname: JobreportSeriesNeedSomebody
        eval_time: 20m
        exp_alerts:
          - exp_labels: {{severity: warning, tenant: acme, standing: needsYou}}
            exp_annotations:
              summary: 2 backups of acme need somebody
              description: They failed, did not start, or their last good copy is too old, and nobody has taken them.
  - interval: 5m
    input_series:
      - {{series: 'jobreport_last_report_timestamp_seconds{{tenant="acme"}}', values: '0+300x2900'}}
      - {{series: 'jobreport_last_report_timestamp_seconds{{tenant="gone"}}', values: '3600x2900'}}
      - {{series: 'jobreport_last_report_timestamp_seconds{{tenant="empty"}}', values: '0x2900'}}
    alert_rule_test:
      - {{alertname: JobreportNothingReported, eval_time: 36h}}
      - alertname: JobreportNothingReported
        eval_time: 40h
        exp_alerts:
          - exp_labels: {{severity: critical, tenant: gone}}
            exp_annotations:
              summary: Nothing was heard of gone for 1d 15h 0m 0s
              description: "Its connectors, runners or their network may be down: what failed there is not known."
  - interval: 1m
    input_series:
      - {{series: 'jobreport_connector_no_data{{tenant="acme", connector="aws", kind="exec"}}', values: '1x60'}}
      - {{series: 'jobreport_connector_no_data{{tenant="acme", connector="azure", kind="exec"}}', values: '0x60'}}
      - {{series: 'jobreport_deliveries_failed{{channel="mail"}}', values: '2x60'}}
      - {{series: 'jobreport_deliveries_failed{{channel="pager"}}', values: '0x60'}}
      - {{series: 'jobreport_deliveries_oldest_waiting_timestamp_seconds{{channel="mail"}}', values: '60x60'}}
      - {{series: 'jobreport_deliveries_oldest_waiting_timestamp_seconds{{channel="pager"}}', values: '0x60'}}
      - {{series: 'up{{job="jobreport", instance="a"}}', values: '0x60'}}
      - {{series: 'up{{job="jobreport", instance="b"}}', values: '1x60'}}
      - {{series: 'jobreport_http_requests_total{{instance="a", route="/x", status="200"}}', values: '0+98x60'}}
      - {{series: 'jobreport_http_requests_total{{instance="a", route="/x", status="503"}}', values: '0+2x60'}}
      - {{series: 'jobreport_http_requests_total{{instance="b", route="/x", status="200"}}', values: '0+98x60'}}
    alert_rule_test:
      - alertname: JobreportConnectorNoData
        eval_time: 30m
        exp_alerts:
          - exp_labels: {{severity: critical, tenant: acme, connector: aws, kind: exec}}
            exp_annotations:
              summary: The connector aws of acme has no data
              description: What ran there since is not known. jobreport connectors list says why.
      - alertname: JobreportNotDelivered
        eval_time: 30m
        exp_alerts:
          - exp_labels: {{severity: critical, channel: mail}}
            exp_annotations:
              summary: 2 messages could not be delivered by mail
              description: Nobody has heard of what they tell. jobreport notify status says why.
      - {{alertname: JobreportDeliveriesWait, eval_time: 15m}}
      - alertname: JobreportDeliveriesWait
        eval_time: 30m
        exp_alerts:
          - exp_labels: {{severity: warning, channel: mail}}
            exp_annotations:
              summary: A message waits for mail for 29m 0s
              description: It is tried for a day. jobreport notify status says what its last try lacked.
      - alertname: JobreportDown
        eval_time: 30m
        exp_alerts:
          - exp_labels: {{severity: critical, job: jobreport, instance: a}}
            exp_annotations:
              summary: Jobreport on a does not answer
              description: No backup is watched meanwhile.
      - alertname: JobreportErrors
        eval_time: 30m
        exp_alerts:
          - exp_labels: {{severity: warning, instance: a}}
            exp_annotations:
              summary: 2% of the requests to a fail
              description: The log has a line for each, by its request ID.
"""


def expressions() -> dict[str, str]:
    """Every question of the dashboard, with the dashboard's variables replaced by values."""
    return {
        f"{panel['title']} {target['refId']}": target["expr"].replace("$tenant", ".*").replace("$__rate_interval", "5m")
        for panel in PANELS
        for target in panel["targets"]
    }


def promtool(*words: str | Path) -> str:
    done = subprocess.run([installed("promtool", "prometheus"), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_rules_are_rules() -> None:
    assert "SUCCESS: 12 rules found" in promtool("check", "rules", RULES)


def test_alerts_fire_when_they_should_and_not_before(tmp_path: Path) -> None:
    cases = tmp_path / "cases.yml"
    cases.write_text(CASES.format(rules=RULES), encoding="utf-8")
    assert "SUCCESS" in promtool("test", "rules", cases)


def test_every_question_of_the_dashboard_is_one(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": one} for number, one in enumerate(expressions().values())]
    file = tmp_path / "panels.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    assert f"SUCCESS: {len(rules)} rules found" in promtool("check", "rules", file)


def test_commands_that_alerts_name_exist() -> None:
    named = re.findall(r"\bjobreport ([a-z]+) ([a-z]+)", RULES.read_text(encoding="utf-8"))
    assert len(named) > 2
    for group, command in named:
        found = cli.get_command(click.Context(cli), group)
        assert isinstance(found, click.Group)
        assert command in found.commands


@pytest.mark.parametrize("text", [RULES.read_text(encoding="utf-8"), *expressions().values()])
def test_only_what_is_told_is_asked_for(text: str) -> None:
    names = re.findall(r"\bjobreport_\w+", text)
    assert names
    assert set(names) <= TOLD.keys()
    for name, labels in re.findall(r"(\bjobreport_\w+)\{([^}]*)\}", text):
        assert set(re.findall(r"(\w+)\s*=", labels)) <= {*TOLD[name].labels, "le"}


def test_panels_lie_beside_each_other_and_say_what_they_are() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= WIDTH
        assert panel["description"].endswith(".")
        taken |= cells
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
