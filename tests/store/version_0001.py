"""What a store of version 0001 held: its rows, in plain SQL of its time."""

from collections.abc import Sequence
from itertools import product

from alembic import command as alembic
from alembic.config import Config
from example_jobs import MINUTE
from sqlalchemy import Connection, text

from jobreport.store.db import engine
from jobreport.store.migrate import FOLDER

START = 638_599_392_481_859_693
HOUR = 60 * MINUTE
DAY = 24 * HOUR
RECEIVED = START + 2 * HOUR
NIGHTLY = "Server A nightly"

Row = dict[str, object]

BACKUP_OF_A_VM: Row = {
    "tenant": 1,
    "service": 1,
    "type": 1,
    "state": 2,
    "filed": START,
    "start": START,
    "finish": START,
    "failed": 0,
    "successful": 0,
    "skipped": 0,
    "total": 0,
    "size": 0,
    "heartbeat": 0,
    "observed": START,
    "comments": "",
    "description": "",
    "plan": "",
    "resource": "",
    "origin": "",
    "raw": "",
    "app": "",
    "received": RECEIVED,
    "heard": RECEIVED,
    "deadline": None,
    "presumed": False,
}
BACKUP_OF_A_SHARE: Row = {
    **BACKUP_OF_A_VM,
    "service": 8,
    "type": 1024,
    "finish": START + MINUTE,
    "successful": 5,
    "total": 5,
    "size": 77,
    "description": NIGHTLY,
    "plan": "nightly",
    "resource": "srv-a",
    "origin": "cron",
    "app": "jr_one",
}

# The text of a search was the folded ID, a capital A, and the folded description.
JOBS: list[Row] = [
    # Two on the same subject, of which the older was corrected since.
    {**BACKUP_OF_A_SHARE, "job_id": "FB1", "raw": '{"try":2}', "folded": "fb1Aserver a nightly"},
    {
        **BACKUP_OF_A_SHARE,
        "job_id": "FB2",
        "folded": "fb2Aserver a nightly",
        "state": 16,
        "comments": "disk full",
        "filed": START + DAY,
        "start": START + DAY,
        "finish": START + DAY + MINUTE,
        "observed": START + DAY + MINUTE,
        "failed": 5,
        "successful": 0,
        "size": 0,
        "presumed": True,
    },
    # IDs that lower case alone does not fold, one of them with the letter that the text of a search separates by.
    {
        **BACKUP_OF_A_VM,
        "job_id": "ÜBER-Straße",
        "folded": "über-strasseAmüll, strasse",
        "description": "MÜLL, Straße",
        "filed": START + HOUR,
        "start": START + HOUR,
        "finish": START + 2 * HOUR,
        "observed": START + 2 * HOUR,
        "state": 8,
        "failed": 1,
        "successful": 2,
        "skipped": 3,
        "total": 6,
        "size": 1 << 40,
        "comments": "Straße voll",
    },
    {**BACKUP_OF_A_VM, "job_id": "ÄA", "folded": "äaAa", "state": 4, "description": "A"},
    # One that runs and promised a heartbeat, and one that is due at a time that nobody knows.
    {
        **BACKUP_OF_A_VM,
        "job_id": "run",
        "folded": "runA",
        "state": 1,
        "heartbeat": 60,
        "deadline": RECEIVED + 3 * MINUTE,
        # The only one of its day, and it has counts already.
        "filed": START + 2 * DAY,
        "start": START + 2 * DAY,
        "finish": 0,
        "observed": START + 2 * DAY,
        "successful": 3,
        "total": 9,
        "size": 4,
    },
    {**BACKUP_OF_A_VM, "job_id": "due", "folded": "dueA", "state": 0, "filed": RECEIVED, "start": 0, "finish": 0},
    # Another tenant's, with an ID and a subject of the first.
    {**BACKUP_OF_A_SHARE, "tenant": 2, "job_id": "FB1", "app": "", "folded": "fb1Aserver a nightly"},
]
VERSION = bytes.fromhex(
    "de0013a66a6f625f6964a3464231a77365727669636508a474797065cd0400a5737461746510a57374617274cf08dcc2c396a9586d"
    "a666696e697368cf08dcc2c3ba6c9e6da66661696c656403aa7375636365737366756c00a7736b697070656400a5746f74616c03"
    "a8636f6d6d656e7473a96469736b2066756c6cab6465736372697074696f6eb05365727665722041206e696768746c79"
    "a4706c616ea76e696768746c79a87265736f75726365a57372762d61a473697a6500a66f726967696ea463726f6ea3726177a0"
    "a86f62736572766564cf08dcc2c3ba6c9e6da968656172746265617400"
)
"""FB1 before it was corrected, in MessagePack: Failed, "disk full", 3 objects."""

COUNT = """
INSERT INTO job_count (tenant, service, type, state, day, jobs)
SELECT tenant, {}, {}, {}, filed / 864000000000, count(*) FROM job GROUP BY 1, 2, 3, 4, 5
"""


def make(url: str, revision: str = "0001", more: Sequence[Row] = ()) -> None:
    """Makes a store of version 0001 at an empty place, and brings it to a later revision without filling its tables.

    It holds `JOBS` and `more`.
    """
    opened = engine.make_engine(engine.parse(url))
    with engine.writing(opened) as connection:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        alembic.upgrade(config, "0001")
        fill(connection, more)
        alembic.upgrade(config, revision)
    engine.prepare(opened)
    opened.dispose()


def fill(connection: Connection, more: Sequence[Row] = ()) -> None:
    """Puts the rows into the tables of version 0001."""
    _insert(connection, "tenant", {"tenant": 1, "name": "acme", "created": START})
    _insert(connection, "tenant", {"tenant": 2, "name": "Übersee", "created": START})
    for job in (*JOBS, *more):
        _insert(connection, "job", job)
    for codes in product(("service", "-1"), ("type", "-1"), ("state", "-1")):
        connection.execute(text(COUNT.format(*codes)))
    version = {"tenant": 1, "job_id": "FB1", "version": 1, "replaced": RECEIVED, "presumed": False, "job": VERSION}
    _insert(connection, "job_version", version)
    app = {"name": "nightly", "permissions": "jobs.read jobs.write", "created": START}
    _insert(connection, "app", {**app, "client_id": "jr_one", "tenant": 1, "revoked": None})
    _insert(connection, "app", {**app, "client_id": "jr_two", "tenant": 2, "revoked": START + DAY})
    secret = {"client_id": "jr_one", "secret_hash": "abc", "created": START, "expires": START + 365 * DAY}
    _insert(connection, "app_secret", secret)
    _insert(connection, "signing_key", {"kid": "first", "jwk": '{"kty":"OKP"}', "created": START})
    _insert(connection, "pulse", {"name": "silence", "ticks": START})


def _insert(connection: Connection, table: str, row: Row) -> None:
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})"), row)
