"""`jobreport inbox`, as people type it: what it prints, what it keeps to itself, and what it refuses."""

import json
import shutil
from pathlib import Path

import pytest

from serving import SECRET_KEY, typed


@pytest.fixture
def store(new_file: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(new_file, tmp_path)}"


def test_an_address_is_printed_and_once_more_to_whoever_has_the_secret_key(store: str) -> None:
    url = ("--url", "https://jobs.example.com/", "--store", store)
    made = typed("inbox", "create", "nas, nightly", "--tool", "restic", *url, JOBREPORT_SECRET_KEY=SECRET_KEY)
    address = made.stdout.strip()
    assert address.startswith("https://jobs.example.com/ping/")
    assert "secret key" not in made.stderr
    shown = typed("inbox", "show", "nas-nightly", *url, JOBREPORT_SECRET_KEY=SECRET_KEY)
    assert f"address:     {address}\n" in shown.stdout
    assert "service:     FileShare\n" in shown.stdout
    document = json.loads(
        typed("inbox", "show", "nas, nightly", "--json", *url, JOBREPORT_SECRET_KEY=SECRET_KEY).stdout
    )
    assert (document["address"], document["plan"], document["sees"]) == (address, "nas, nightly", "nothing")
    for refused in (typed("inbox", "show", "nas-nightly", *url), typed("inbox", "key", *url)):
        assert address not in refused.stdout
    assert "JOBREPORT_SECRET_KEY" in typed("inbox", "show", "nas-nightly", *url).stderr
    log = typed("audit", "--store", store, "--json").stdout
    assert "inbox.shown" in log
    assert address.rpartition("/")[2] not in log


def test_without_a_secret_key_it_is_said_that_an_address_is_shown_only_now(store: str) -> None:
    made = typed("inbox", "create", "nas", "--json", "--store", store)
    assert "shown only now" in made.stderr
    assert json.loads(made.stdout)["name"] == "nas"
    again = typed("inbox", "show", "nas", "--store", store)
    assert (again.returncode, "rotate makes another" in again.stderr) == (1, True)
    assert "slug:        nas\n" in again.stdout
    rotated = typed("inbox", "rotate", "nas", "--json", "--store", store)
    assert json.loads(rotated.stdout)["address"] != json.loads(made.stdout)["address"]


def test_inboxes_are_listed_without_their_addresses(store: str) -> None:
    assert typed("inbox", "list", "--store", store).stdout == "There is no inbox.\n"
    for tenant in ("acme", "globex"):
        typed("inbox", "create", "nas", "--tenant", tenant, "--store", store)
    listed = json.loads(typed("inbox", "list", "--json", "--store", store).stdout)
    assert [(one["tenant"], one["pings"], one["last"]) for one in listed] == [("acme", 0, None), ("globex", 0, None)]
    assert not any("address" in one for one in listed)
    assert "globex" not in typed("inbox", "list", "--tenant", "acme", "--store", store).stdout
    assert typed("inbox", "list", "--tenant", "nobody", "--store", store).returncode == 1


def test_revoking_says_so_and_a_key_is_made_replaced_and_revoked(store: str) -> None:
    typed("inbox", "create", "nas", "--store", store)
    assert json.loads(typed("inbox", "revoke", "nas", "--json", "--store", store).stdout)["name"] == "nas"
    keys = [typed("inbox", "key", *more, "--store", store).stdout for more in ((), ("--rotate",))]
    assert keys[0] != keys[1]
    assert keys[1].startswith("http://127.0.0.1:8080/ping/")
    assert typed("inbox", "key", "--revoke", "--store", store).stdout == "Revoked the ping key of default.\n"
    assert typed("inbox", "key", "--revoke", "--store", store).returncode == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["create", "nas", "--tool", "nonsense"], "no tool that is known"),
        (["create", "nas", "--longest", "4d"], "from 1m to 72h"),
        (["create", "nas", "--slug", "A b"], "slug"),
        (["create", "!"], "slug"),
        (["show", "nowhere"], "no"),
        (["key", "--rotate", "--revoke"], "exclude each other"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_be_right(store: str, words: list[str], said: str) -> None:
    done = typed("inbox", *words, "--store", store)
    assert done.returncode in {1, 2}
    assert said in done.stderr
