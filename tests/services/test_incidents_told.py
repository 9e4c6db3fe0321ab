"""A server tells by itself what happens to incidents: from a report to what a program has, and to the good news."""

import base64
from contextlib import closing
from pathlib import Path

from jobreport.model.judgement import Verdict
from jobreport.store import open_store
from jobs import AUGUST, DAY, job
from receivers import receiving, secret
from serving import program_with, serve, until
from stores import copy_used_store
from verdicts import change, keep, put

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
QUICK = [
    "notifying.WINDOW = 0",
    "from jobreport.services import deliveries, incidents, watch",
    "deliveries.LOOK_SECONDS = incidents.TELL_SECONDS = watch.EVERY_SECONDS = 0.1",
]


def test_what_fails_is_told_to_a_program_which_writes_a_ticket_back_and_has_the_good_news(tmp_path: Path) -> None:
    program = program_with(tmp_path, "jobreport.watch.notifying", *QUICK)
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


def test_a_server_that_starts_with_500_open_incidents_tells_nothing_of_them_again(tmp_path: Path) -> None:
    program, file = program_with(tmp_path, "jobreport.watch.notifying", *QUICK), tmp_path / "jobreport.toml"
    copy_used_store(tmp_path / "store" / "jobs.db")
    url = f"sqlite:///{tmp_path}/store/jobs.db"
    with closing(open_store(url)) as store:
        acme, other = (store.tenant_id(name, create=True) for name in ("acme", "other"))
        assert acme
        assert other
        keep(store, *(change(acme, number, Verdict.FAILING, store.clock(), cause="locked") for number in range(500)))
    with receiving() as receiver:
        file.write_text(TABLES.format(url=receiver.url, secret=secret(tmp_path, SECRET)))
        with serve(tmp_path / "first", "--config", str(file), store=url, program=program):
            until(lambda: receiver.requests)
        put(url, "other", "one")
        with serve(tmp_path / "second", "--config", str(file), store=url, program=program):
            # It looks at one tenant after the other.
            until(lambda: len(receiver.requests) > 1)
    found = [one.document["data"] for one in receiver.requests]
    assert [(one["step"], one["tenant"]) for one in found] == [("opened", "acme"), ("opened", "other")]
    assert found[0]["subject"] == "500 backups are failing for one cause: locked by another run"
