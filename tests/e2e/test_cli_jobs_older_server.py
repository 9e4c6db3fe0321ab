"""`jobreport jobs` asks a server of another kind for what it knows: the publisher's own cloud, or an older version."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from serving import typed


class _OlderServer(BaseHTTPRequestHandler):
    """A server that knows generation 2 only, as the publisher's own cloud does."""

    def do_POST(self) -> None:
        self._answer(200, {"access_token": "token", "token_type": "Bearer", "expires_in": 3600})

    def do_GET(self) -> None:
        if not self.path.startswith("/backup/vm/jobs"):
            return self._answer(404, {})
        job = {
            "jobId": "FB1",
            "jobType": 1,
            "status": 2,
            "startTime": "2024-10-27T08:17:06Z",
            "comments": "",
            "finishTime": "2024-10-27T08:21:08Z",
            "duration": "00:04:01",
            **dict.fromkeys(("failedCount", "successfulCount", "skippedCount", "totalCount"), 0),
        }
        return self._answer(200, {"totalCount": 1, "jobs": [job], "nextLink": ""})

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, status: int, document: object) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())


def test_server_of_another_kind_is_asked_for_what_it_knows() -> None:
    with HTTPServer(("127.0.0.1", 0), _OlderServer) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        given = {"JOBREPORT_URL": f"http://127.0.0.1:{other.server_port}", "JOBREPORT_CLIENT_ID": "a"}
        done = typed("jobs", JOBREPORT_CLIENT_SECRET="s", **given)
        other.shutdown()
    assert done.returncode == 0, done.stderr
    assert "FB1" in done.stdout
    assert "Successful" in done.stdout
