"""The settings of a connector to a director. Unsafe ones are refused before anything is sent."""

import ssl
from pathlib import Path
from typing import Any

import pytest

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.kinds.bareos import KIND, Settings
from jobreport.connectors.kinds.bareos.database import Database, _to_connect

CATALOG = "postgresql://jobreport@db.example.com/bareos"


def told(**more: Any) -> Settings:
    return Settings(**{"director": "fs1-dir", **more})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "it must have one of address and catalog"),
        ({"catalog": CATALOG, "address": "backup"}, "it must have one of address and catalog"),
        ({"catalog": CATALOG, "director": "a\nb"}, "director must be its Name"),
        ({"catalog": CATALOG, "timezone": "Mars/Olympus"}, "timezone must be the name of one"),
        ({"catalog": CATALOG, "timezone": "../secret"}, "timezone must be the name of one"),
        ({"catalog": "postgresql://jobreport:secret@db/bareos"}, "catalog must not have a password"),
        ({"catalog": f"{CATALOG}?sslmode=disable"}, "without parameters"),
        ({"catalog": "postgresql://db.example.com/bareos"}, "catalog must name the user that reads"),
        ({"catalog": "oracle://jobreport@db/bareos"}, "catalog must be such as"),
        ({"catalog": "sqlite:///bacula.db"}, "catalog must name a file by its whole path"),
        ({"address": "backup"}, "password_file must name a file"),
        ({"address": "me@backup", "password_file": "p"}, "address must be a host"),
        ({"address": "backup:99999", "password_file": "p"}, "address must be a host"),
        ({"address": "https://backup", "password_file": "p"}, "address must be a host"),
        ({"address": "backup", "password_file": "p", "console": "a\nquit"}, "console must be the name"),
    ],
)
def test_what_cannot_be_right_is_refused_and_what_would_be_is_told(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        told(**more)


def test_the_consoles_port_is_the_usual_one_unless_it_is_told() -> None:
    assert told(address="backup.example.com", password_file="p").host == ("backup.example.com", 9101)
    assert told(address="[2001:db8::1]:9201", password_file="p").host == ("2001:db8::1", 9201)


def test_a_database_on_another_machine_must_show_a_certificate_that_is_trusted() -> None:
    _, connecting = _to_connect(told(catalog=CATALOG, ca_file="/etc/ca.pem"))
    assert (connecting["sslmode"], connecting["sslrootcert"]) == ("verify-full", "/etc/ca.pem")
    _, connecting = _to_connect(told(catalog=CATALOG))
    assert (connecting["sslmode"], connecting["sslrootcert"]) == ("verify-full", "system")
    _, connecting = _to_connect(told(catalog="mariadb://jobreport@db.example.com/bacula"))
    assert (connecting["ssl"].verify_mode, connecting["ssl"].check_hostname) == (ssl.CERT_REQUIRED, True)
    for here in ("postgresql://jobreport@localhost/bareos", "mariadb://jobreport@127.0.0.1:3307/bacula"):
        _, connecting = _to_connect(told(catalog=here))
        assert not {"ssl", "sslmode"} & connecting.keys()
    with pytest.raises(CannotReadError, match="ca_file: /no/such cannot be read"):
        _to_connect(told(catalog="mariadb://jobreport@db.example.com/bacula", ca_file="/no/such"))


def test_a_password_comes_from_its_file_and_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    settings = told(catalog="postgresql://jobreport@127.0.0.1:1/bareos", password_file=str(tmp_path / "password"))
    url, _ = _to_connect(settings)
    assert url.password == "hunter2"
    database = Database(settings)
    with pytest.raises(CannotReadError) as error:
        database.ask("SELECT 1", "Job")
    assert str(error.value) == "the server of the catalog does not answer at the address that catalog names"
    database.close()
    with pytest.raises(CannotReadError, match="password_file: cannot read"):
        Database(told(catalog=CATALOG, password_file="/no/such"))


def test_the_smallest_roles_have_the_rights_that_the_kind_needs() -> None:
    roles = Path(__file__).parents[3] / "deploy/roles"
    console = (roles / "bareos.conf").read_text(encoding="utf-8")
    given = dict(line.strip().split(" = ") for line in console.splitlines() if " = " in line)
    tables = (roles / "bareos-catalog.sql").read_text(encoding="utf-8").partition("GRANT SELECT ON ")[2]
    assert given["CommandACL"] == ".api, list, llist"
    every = [name for name, value in given.items() if value == "*all*" and name != "CatalogACL"]
    said = [right.name for right in KIND.rights]
    assert said == [
        "CommandACL llist",
        "CommandACL list",
        f"{', '.join(every[:-1])} and {every[-1]} *all*",
        *(f"SELECT on {table}" for table in tables.partition(" TO ")[0].split(", ")),
    ]
