"""`jobreport app` and `--help`: registrations from a terminal, and what each command says of itself."""

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobreport.store import open_store
from serving import PROGRAM, READ, READ_WRITE, WRITE_OWN, command, environment, typed


@pytest.fixture
def store(new_store: str) -> str:
    return new_store


def create(store: str, *words: str) -> dict[str, object]:
    done = typed("app", "create", "--name", "nightly", *words, "--json", "--store", store)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_create_prints_the_id_and_once_the_secret(store: str) -> None:
    found = create(store)
    assert list(found) == ["clientId", "clientSecret", "tenant", "permissions", "secretExpires"]
    assert re.fullmatch(r"[0-9a-f-]{36}", str(found["clientId"]))
    assert re.fullmatch(r"jrs_[\w-]{43}", str(found["clientSecret"]))
    assert found["tenant"] == "default"
    assert found["permissions"] == [READ_WRITE]
    for words in ([], ["--json"]):
        listed = typed("app", "list", *words, "--store", store).stdout
        assert str(found["clientId"]) in listed
        assert str(found["clientSecret"]) not in listed
    kept = b"".join(file.read_bytes() for file in Path(store.removeprefix("sqlite:///")).parent.iterdir())
    assert str(found["clientSecret"]).encode() not in kept


@pytest.mark.parametrize("years", [1, 2, 3])
def test_secret_lives_the_years_that_were_asked(store: str, years: int) -> None:
    until = datetime.fromisoformat(str(create(store, "--secret-years", str(years))["secretExpires"]))
    assert abs(until - datetime.now(UTC) - timedelta(days=365 * years)) < timedelta(days=1)


def test_create_for_people_says_that_the_secret_is_shown_once(store: str) -> None:
    done = typed("app", "create", "--name", "nightly", "--store", store)
    assert "Client secret  jrs_" in done.stdout
    assert "cannot be shown again" in done.stderr


def test_permissions_are_named_in_any_case_and_may_be_several(store: str) -> None:
    found = create(store, "--permission", READ.lower(), "--permission", WRITE_OWN.upper(), "--tenant", "acme")
    assert sorted(found["permissions"]) == sorted([READ, WRITE_OWN])
    assert found["tenant"] == "acme"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--permission", "Everything"], READ_WRITE),
        (["--secret-years", "4"], "secret-years"),
        (["--secret-years", "0"], "secret-years"),
        (["--tenant", "No Spaces"], "tenant"),
        (["--tenant", ""], "tenant"),
        (["--tenant", "x" * 64], "tenant"),
        (["--name", ""], "name"),
        (["--name", "x" * 129], "name"),
        (["--name", "two\nlines"], "name"),
    ],
)
def test_registration_that_cannot_be_is_exit_2_and_nothing_is_kept(store: str, words: list[str], said: str) -> None:
    first = create(store)["clientId"]
    done = typed("app", "create", "--name", "x", *words, "--store", store)
    assert done.returncode == 2
    assert said in done.stderr
    assert [entry["clientId"] for entry in json.loads(typed("app", "list", "--json", "--store", store).stdout)] == [
        first
    ]


def test_list_is_of_one_tenant_where_one_is_named(store: str) -> None:
    first, second = create(store, "--tenant", "a"), create(store, "--tenant", "b")
    every = json.loads(typed("app", "list", "--json", "--store", store).stdout)
    assert [entry["clientId"] for entry in every] == [first["clientId"], second["clientId"]]
    (only,) = json.loads(typed("app", "list", "--json", "--tenant", "b", "--store", store).stdout)
    assert only["clientId"] == second["clientId"]
    assert (only["name"], only["revoked"], len(only["secretExpires"])) == ("nightly", None, 1)


def test_list_of_nothing_says_how_to_go_on(store: str) -> None:
    open_store(store).close()
    assert "jobreport app create" in typed("app", "list", "--store", store).stdout
    assert json.loads(typed("app", "list", "--json", "--store", store).stdout) == []


@pytest.mark.parametrize("words", ["app list", "app rotate x", "app revoke x", "jobs"])
def test_command_that_needs_a_store_makes_none(tmp_path: Path, words: str) -> None:
    store = f"sqlite:///{tmp_path}/none.db"
    done = typed(*words.split(), "--store", store)
    assert done.returncode == 1
    assert "no store" in done.stderr
    assert not Path(store.removeprefix("sqlite:///")).exists()


def test_revoked_app_stays_in_the_list_and_gets_no_new_secret(store: str) -> None:
    client = str(create(store)["clientId"])
    assert typed("app", "revoke", client, "--store", store).returncode == 0
    (entry,) = json.loads(typed("app", "list", "--json", "--store", store).stdout)
    assert entry["revoked"]
    done = typed("app", "rotate", client, "--store", store)
    assert done.returncode == 1
    assert "revoked" in done.stderr


def test_rotate_makes_another_secret_for_the_same_app(store: str) -> None:
    first = create(store)
    done = typed("app", "rotate", str(first["clientId"]), "--secret-years", "2", "--json", "--store", store)
    second = json.loads(done.stdout)
    assert second["clientId"] == first["clientId"]
    assert second["clientSecret"] != first["clientSecret"]


@pytest.mark.parametrize("name", ["rotate", "revoke"])
def test_app_that_does_not_exist_is_said_and_exit_1(store: str, name: str) -> None:
    create(store)
    done = typed("app", name, "nobody", "--store", store)
    assert done.returncode == 1
    assert "there is no app 'nobody'" in done.stderr


CONNECTION = ["URL", "CLIENT_ID", "CLIENT_SECRET", "CLIENT_CERTIFICATE", "CLIENT_KEY"]
HELP = {
    "": [],
    "serve": [
        "HOST",
        "PORT",
        "WORKERS",
        "STORE",
        "PUBLIC_URL",
        "TLS_CERT",
        "TLS_KEY",
        "TRUSTED_PROXY",
        "INSECURE_HTTP",
        "SECRET_KEY",
        "KEY_DAYS",
        "TRUST_ISSUER",
        "SIGN_IN_PROVIDER",
        "SIGN_IN_SECRET",
        "SMTP",
        "SMTP_CERTIFICATE",
        "SMTP_NETWORK",
        "SMTP_SENDER",
    ],
    "app": [],
    "app create": ["STORE", "TENANT"],
    "app list": ["STORE"],
    "app rotate": ["STORE"],
    "app show": ["STORE"],
    "app tenants": ["STORE"],
    "app secret add": ["STORE"],
    "app secret revoke": ["STORE"],
    "app certificate add": ["STORE"],
    "app certificate remove": ["STORE"],
    "key": [],
    "key list": ["STORE"],
    "key rotate": ["STORE"],
    "key secret": ["SECRET_KEY"],
    "key encrypt": ["STORE", "SECRET_KEY"],
    "app revoke": ["STORE"],
    "tenant create": ["STORE"],
    "tenant list": ["STORE"],
    "tenant suspend": ["STORE"],
    "tenant resume": ["STORE"],
    "tenant delete": ["STORE"],
    "tenant purge": ["STORE"],
    "connectors": [],
    "connectors kinds": [],
    "connectors describe": [],
    "connectors test": ["CONFIG"],
    "connectors list": ["STORE"],
    "connectors acknowledge": ["STORE"],
    "connectors forget": ["STORE"],
    "collect": ["STORE", "CONFIG"],
    "notify": [],
    "notify test": ["CONFIG"],
    "notify status": ["STORE", "CONFIG"],
    "notify digest": ["STORE", "CONFIG"],
    "notify retry": ["STORE"],
    "notify drop": ["STORE"],
    "incidents": [],
    "incidents list": ["STORE"],
    "incidents show": ["STORE"],
    "ack": ["STORE"],
    "run": ["STORE", *CONNECTION, "TENANT", "SPOOL"],
    "flush": ["STORE", *CONNECTION, "TENANT", "SPOOL"],
    "spool": [],
    "spool list": ["SPOOL"],
    "spool show": ["SPOOL"],
    "spool retry": ["SPOOL"],
    "spool redirect": ["STORE", *CONNECTION, "TENANT", "SPOOL"],
    "spool discard": ["SPOOL"],
    "jobs": ["STORE", *CONNECTION, "TENANT"],
    "jobs show": ["STORE", *CONNECTION, "TENANT"],
    "series": ["STORE", *CONNECTION, "TENANT"],
    "series take": ["STORE"],
    "series retire": ["STORE"],
    "series release": ["STORE"],
    "setup": [],
    "export": ["STORE", *CONNECTION, "TENANT"],
    "summary": ["STORE", *CONNECTION, "TENANT"],
    "ticks": [],
    "migrate": ["STORE"],
    "check": ["STORE"],
    "backup": ["STORE"],
    "restore": ["STORE"],
    "import": ["STORE", "TENANT"],
    "sample-data": ["STORE"],
    "completion": [],
    "operator": [],
    "operator add": ["STORE"],
    "operator list": ["STORE"],
    "operator set": ["STORE"],
    "operator link": ["STORE"],
    "operator password": ["STORE"],
    "operator sessions": ["STORE"],
    "operator disable": ["STORE"],
    "operator enable": ["STORE"],
    "operator remove": ["STORE"],
    "expect": [],
    "expect set": ["STORE"],
    "expect list": ["STORE"],
    "expect remove": ["STORE"],
    "expect suggest": ["STORE"],
    "expect explain": ["STORE"],
    "expect apply": ["CONFIG", "STORE"],
    "expect units": ["STORE"],
    "watch": ["STORE", "CONFIG", "PUBLIC_URL"],
    "wall": [],
    "wall create": ["STORE"],
    "wall list": ["STORE"],
    "wall end": ["STORE"],
    "inbox": [],
    "inbox create": ["STORE"],
    "inbox list": ["STORE"],
    "inbox show": ["STORE"],
    "inbox rotate": ["STORE"],
    "inbox revoke": ["STORE"],
    "inbox key": ["STORE"],
    "inbox mailbox": [],
    "inbox mailbox test": ["CONFIG", "STORE"],
    "inbox try": ["CONFIG"],
    "inbox unread": [],
    "inbox unread list": ["STORE"],
    "inbox unread show": ["STORE"],
    "inbox unread read": ["CONFIG", "STORE"],
    "inbox unread delete": ["STORE"],
    "prune": ["STORE"],
    "audit": ["STORE"],
}


@pytest.mark.parametrize("words", HELP)
def test_help_of_each_command_names_its_environment_variables(words: str) -> None:
    done = typed(*words.split(), "--help")
    assert done.returncode == 0
    for name in HELP[words]:
        assert f"JOBREPORT_{name}" in done.stdout, name


def test_every_command_is_in_the_table_of_help() -> None:
    listed = typed("--help").stdout.split("Commands:\n")[1]
    names = {line.split()[0] for line in listed.splitlines() if re.match(r"  \w", line)}
    assert names == {words.split()[0] for words in HELP if words}


@pytest.mark.parametrize(
    "words", [["nonsense"], ["app", "nonsense"], ["app", "create"], ["app", "rotate"], ["--nonsense"]]
)
def test_wrong_usage_is_exit_2_without_a_trace(words: list[str]) -> None:
    done = typed(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_version_is_printed() -> None:
    assert re.fullmatch(r"jobreport, version \d+\.\d+\.\d+\n", command("--version").stdout)
    assert command("-h").stdout == command("--help").stdout


def test_reader_that_goes_away_is_no_error_with_a_trace(store: str, tmp_path: Path) -> None:
    shell = f"'{PROGRAM}' app list --json --store '{store}' | true"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, env=environment(), check=False)
    assert "Traceback" not in done.stderr
