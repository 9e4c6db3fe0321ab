"""A server tells by itself what happens to incidents: from a report to what a program has, and to the good news."""

import base64
from pathlib import Path

from jobs import AUGUST, DAY, job
from receivers import receiving, secret
from serving import program_with, serve, until

SECRET = f"whsec_{base64.b64encode(bytes(24)).decode()}"
TABLES = """
[[channel]]
kind = "webhook"
name = "tickets"
url = "{url}"
secret_file = "{secret}"

[[notify]]
name = "all"
channels = ["tickets"]
"""


def test_what_fails_is_told_to_a_program_which_writes_a_ticket_back_and_has_the_good_news(tmp_path: Path) -> None:
    quick = [
        "telling.WINDOW = 0",
        "from jobreport.services import deliveries, incidents, watch",
        "deliveries.LOOK_SECONDS = incidents.TELL_SECONDS = watch.EVERY_SECONDS = 0.1",
    ]
    program = program_with(tmp_path, "jobreport.watch.telling", *quick)
    file = tmp_path / "jobreport.toml"
    with receiving() as receiver:
        file.write_text(TABLES.format(url=receiver.url, secret=secret(tmp_path, SECRET)))
        with serve(tmp_path / "server", "--config", str(file), program=program) as server:
            app = server.app("acme")
            failed = job("FB1", plan="nightly", startTime=AUGUST, state="Failed", comments="No space left on device")
            assert app.write(failed).status_code == 200
            (opened,) = until(lambda: receiver.requests)
            told = opened.document["data"]
            assert (told["step"], told["tenant"]) == ("opened", "acme")
            assert told["subject"] == "nightly is failing"
            assert told["link"] == f"{server.url}/incidents?tenant=acme&group={told['incident']}"
            path = f"/api/incidents/{told['incident']}"
            assert server.http.put(path, json={"ticket": "T-1"}, headers=app.bearer).status_code == 200
            assert app.write(job("FB2", plan="nightly", startTime=AUGUST + DAY)).status_code == 200
            _, closed = until(lambda: len(receiver.requests) == 2 and receiver.requests)
    told = closed.document["data"]
    assert (told["step"], told["ticket"], told["subject"].partition(",")[0]) == (
        "closed",
        "T-1",
        "nightly is well again",
    )
