"""Nothing that is secret, and nothing of our insides, gets into an answer, the log or the store."""

import base64
import json
import sqlite3
from pathlib import Path

import httpx

from jobs import job
from serving import JOBS, REPORT, Server, serve

INSIDES = ("Traceback", "sqlalchemy", "sqlite3", "SELECT ", "select ", ".py", "site-packages", "joserfc", "starlette")


def everything_that_fails(server: Server, answers: list[httpx.Response]) -> list[str]:
    """Sends secrets to every place where they may be mistaken, and gives all of them."""
    app, other = server.app("leaks"), server.app("leaks")
    wrong = "jrs_wrong-" + "w" * 40
    basic = base64.b64encode(f"{app.client_id}:{wrong}".encode()).decode()
    forged = app.token[:-8] + "AAAAAAAA"
    http = server.http
    answers += [
        server.ask_token(client_id=app.client_id, client_secret=wrong),
        server.ask_token(client_id=app.client_id, client_secret=app.secret, scope="nonsense"),
        server.ask_token(client_id=app.secret, client_secret=app.client_id),
        http.post("/connect/token", data={"grant_type": app.secret, "client_secret": app.secret}),
        http.post("/connect/token", json={"client_id": app.client_id, "client_secret": app.secret}),
        http.post(
            "/connect/token", data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
        ),
        http.post(f"/connect/token?client_secret={app.secret}"),
        http.post(f"{REPORT}?access_token={app.token}", json={}),
        http.post(REPORT, json={}, headers={"Authorization": f"Bearer {forged}"}),
        http.post(REPORT, json={}, headers={"Authorization": f"Basic {basic}"}),
        http.post(REPORT, json={}, headers={"Authorization": app.token}),
        app.report({"searchText": app.secret, "jobType": 3}),
        app.report(b'{"searchText": "' + app.token.encode() + b'"'),
        app.write(job("x", comments=other.secret, state="Nonsense")),
        app.write(job("' or 1=1 --", description="x'; drop table job; --")),
        app.report({"searchText": "' union select jwk from signing_key --"}),
        http.get(f"{JOBS}/x", headers={"Authorization": f"Bearer {forged}"}),
        app.summary(by=app.secret, tz=other.secret),
        app.summary(plan="x' or 1=1 --", searchText="'; drop table job; --"),
        http.get("/%2e%2e/%2e%2e/etc/passwd"),
        http.get("/docs/assets/../../__init__.py"),
        http.get("/nowhere?secret=" + other.secret),
    ]
    return [app.secret, other.secret, wrong, basic, app.token, forged, app.token.split(".")[2]]


def test_no_secret_and_no_insides_in_any_answer_or_in_the_log(tmp_path: Path) -> None:
    answers: list[httpx.Response] = []
    with serve(tmp_path, "--log-format", "json") as server:
        secrets = everything_that_fails(server, answers)
        path = server.store.removeprefix("sqlite:///")
        with sqlite3.connect(path) as connection:
            (jwk,) = connection.execute("select jwk from signing_key").fetchone()
        connection.close()
        secrets += [json.loads(jwk)[part] for part in ("d", "p", "q", "dp", "dq", "qi")]
        for answer in answers:
            assert answer.status_code < 500
            text = answer.text + str(answer.headers)
            for secret in (*secrets, *INSIDES, path):
                assert secret not in text, answer.request.url.path
        server.stop()
        for secret in secrets:
            assert secret not in server.log
        assert "Traceback" not in server.log


def test_store_keeps_hashes_of_secrets_and_no_tokens(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        app = server.app("leaks")
        assert app.report().status_code == 200
        server.stop()
        kept = b"".join(file.read_bytes() for file in (tmp_path / "store").iterdir())
        assert app.client_id.encode() in kept
        for secret in (app.secret, app.token):
            assert secret.encode() not in kept
