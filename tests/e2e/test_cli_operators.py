"""`jobreport operator`: people who sign in to the monitor, and how their passwords are given."""

import io
import json
import os
import pty
import sys
from pathlib import Path

import pytest

from jobreport.store import open_store
from serving import environment, start, typed

PASSWORD = "correct horse battery staple"


@pytest.fixture
def store(new_store: str) -> str:
    """A store with the tenants acme and globex."""
    for name in ("acme", "globex"):
        assert typed("tenant", "create", name, "--store", new_store).returncode == 0
    return new_store


def operator(store: str, *words: str) -> tuple[int, str, str]:
    done = typed("operator", *words, "--store", store)
    return done.returncode, done.stdout, done.stderr


def document(store: str, *words: str) -> dict[str, object]:
    code, out, err = operator(store, *words, "--json")
    assert code == 0, err
    found: dict[str, object] = json.loads(out)
    return found


def test_there_is_no_operator_until_one_is_added(store: str) -> None:
    assert operator(store, "list") == (0, "There is no operator yet: jobreport operator add --help\n", "")
    assert json.loads(operator(store, "list", "--json")[1]) == []


def test_operator_is_added_shown_changed_and_removed(store: str) -> None:
    made = document(store, "add", "Anna", "--tenants", "acme", "--generate")
    assert len(str(made.pop("password"))) >= 15
    created = made.pop("created")
    by_password = {"disabled": None, "issuer": None, "subject": None}
    assert made == {"name": "Anna", "role": "viewer", "tenants": ["acme"], "allTenants": False, **by_password}
    changed = document(store, "set", "anna", "--role", "admin", "--all-tenants")
    assert (changed["role"], changed["allTenants"], changed["tenants"]) == ("admin", True, [])
    before = changed["before"]
    assert isinstance(before, dict)
    assert (before["role"], before["tenants"]) == ("viewer", ["acme"])
    (listed,) = json.loads(operator(store, "list", "--json")[1])
    assert (listed["created"], listed["sessions"]) == (created, 0)
    assert document(store, "disable", "anna") == {"name": "Anna", "sessionsEnded": 0}
    assert json.loads(operator(store, "list", "--json")[1])[0]["disabled"]
    assert operator(store, "disable", "anna")[0] == 1
    assert document(store, "enable", "anna") == {"name": "Anna"}
    assert document(store, "remove", "anna", "--yes") == {"name": "Anna"}
    assert json.loads(operator(store, "list", "--json")[1]) == []


def test_people_read_tables_and_scripts_json(store: str) -> None:
    code, out, err = operator(store, "add", "anna", "--all-tenants", "--role", "ADMIN", "--generate")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["Name", "Password", "Role", "Sees"]
    assert out.splitlines()[-1].endswith("every tenant")
    assert err == "Keep the password now: it is stored as a hash only and cannot be shown again.\n"
    table = operator(store, "list")[1]
    assert all(word in table for word in ("anna", "admin", "every tenant"))
    assert operator(store, "sessions", "anna") == (0, "anna is not signed in.\n", "")
    assert json.loads(operator(store, "sessions", "anna", "--json")[1]) == []
    same = operator(store, "set", "anna", "--role", "admin")[1]
    assert "nothing was changed" in same


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["add", "anna", "--generate"], 1, "there are 2 tenants: say by --tenants or --all-tenants"),
        (["add", "anna", "--tenants", "nowhere", "--generate"], 1, "there is no tenant nowhere"),
        (["add", "anna", "--tenants", "acme", "--all-tenants"], 2, "--tenants and --all-tenants exclude each other"),
        (["add", "<b>", "--all-tenants", "--generate"], 1, "an operator's name has 1 to 64 letters"),
        (["add", "anna", "--all-tenants", "--role", "admn"], 2, "did you mean admin?"),
        (["add", "anna", "--all-tenants", "--generate", "--password-file", __file__], 2, "exclude each other"),
        (["add", "anna", "--all-tenants", "--password-file", os.devnull + "/none"], 2, "none"),
        (["set", "anna"], 2, "say what to change"),
        (["set", "ann", "--role", "viewer"], 1, "there is no operator 'ann'"),
        (["sessions", "nobody"], 1, "there is no operator 'nobody'"),
        (["password", "nobody", "--generate"], 1, "there is no operator 'nobody'"),
        (["sessions", "anna", "--end", "x", "--end-all"], 2, "exclude each other"),
    ],
)
def test_what_is_wrong_is_said(store: str, words: list[str], code: int, said: str) -> None:
    done = operator(store, *words)
    assert (done[0], done[1]) == (code, "")
    assert said in done[2]


def test_the_only_tenant_need_not_be_named(new_store: str) -> None:
    assert operator(new_store, "add", "anna", "--generate")[0] == 1
    assert typed("tenant", "create", "acme", "--store", new_store).returncode == 0
    assert document(new_store, "add", "anna", "--generate")["tenants"] == ["acme"]


def test_misspelt_name_is_suggested(store: str) -> None:
    document(store, "add", "anna", "--all-tenants", "--generate")
    assert "did you mean 'anna'?" in operator(store, "disable", "anan")[2]
    assert "there is an operator anna already" in operator(store, "add", "ANNA", "--all-tenants", "--generate")[2]


def kept(store: str, name: str) -> str | None:
    opened = open_store(store)
    with opened.reading() as transaction:
        found = transaction.exec_driver_sql("SELECT password FROM operator WHERE folded = ?", (name,)).scalar()
    opened.close()
    return found


def test_password_comes_from_a_file_or_from_standard_input(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    file.chmod(0o644)
    code, _, err = operator(store, "add", "anna", "--all-tenants", "--password-file", str(file))
    assert code == 0
    assert "can be read or changed by others (mode 0644)" in err
    first = kept(store, "anna")
    monkeypatch.setattr(sys, "stdin", io.StringIO("seven green bottles on a wall\nmore\n"))
    assert operator(store, "password", "anna")[0] == 0
    assert kept(store, "anna") not in (None, first)
    for given, said in (("", "no password came from standard input"), ("short\n", "at least 15 characters")):
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        code, out, err = operator(store, "password", "anna")
        assert code in (1, 2)
        assert said in err
        assert "short" not in out + err


def test_password_is_typed_twice_and_not_seen(store: str) -> None:
    ours, theirs = pty.openpty()
    words = ["operator", "add", "anna", "--all-tenants", "--store", store]
    with start(*words, env=environment(), preloaded=False, stdin=theirs, stdout=theirs, stderr=theirs) as started:
        os.close(theirs)
        seen = b""
        for prompt in (b"Password of anna: ", b"The same again: "):
            while prompt not in seen:
                seen += os.read(ours, 1024)
            os.write(ours, PASSWORD.encode() + b"\n")
        while b"Sees" not in seen:
            seen += os.read(ours, 1024)
        assert started.wait(60) == 0
    os.close(ours)
    assert PASSWORD.encode() not in seen
    assert (kept(store, "anna") or "").startswith("$argon2id$")


def test_password_is_never_an_argument() -> None:
    for name in ("add", "password"):
        shown = typed("operator", name, "--help").stdout
        assert "--password " not in shown
        assert "--password-file" in shown


def test_removal_is_confirmed(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document(store, "add", "anna", "--all-tenants", "--generate")
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    assert operator(store, "remove", "anna")[0] == 130
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    code, out, err = operator(store, "remove", "anna")
    assert (code, out) == (0, "Removed anna.\n")
    assert "Delete the account of anna?" in err


def test_link_is_an_address_of_the_server_that_is_named(store: str) -> None:
    document(store, "add", "Anna", "--all-tenants", "--generate")
    code, out, err = operator(store, "link", "anna", "--minutes", "1", "--url", "https://jobs.example.com/backup/")
    assert code == 0
    assert out.startswith("https://jobs.example.com/backup/sign-in/link?key=jrl_")
    assert err == "It signs in Anna once, in the next 1 minute. It cannot be shown again.\n"
    made = document(store, "link", "anna")
    assert (made["name"], made["minutes"]) == ("Anna", 15)
    assert str(made["address"]).startswith("http://127.0.0.1:8080/sign-in/link?key=jrl_")
    assert operator(store, "link", "ana")[2].startswith("jobreport: there is no operator 'ana'")
    assert operator(store, "link", "anna", "--minutes", "0")[0] == 2
