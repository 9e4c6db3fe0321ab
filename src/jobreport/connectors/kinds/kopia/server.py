"""Asks kopia's server for its tasks: those that run, and the last fifty that ended. A restart of the server loses them.

Its web pages protect themselves against forged requests by a token that the first page contains. So that page is read
first here, too.
"""

import base64
import re
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

import msgspec

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.http_client import DeniedError, Headers, HttpServer
from jobreport.connectors.kinds.kopia.tasks import task_of
from jobreport.connectors.refusals import readable
from jobreport.model.sees import Sees

TASKS: Final = "tasks"
RIGHT: Final = Right(
    name="the user of the server's pages", without="what the server runs, and what fails there", stream=TASKS
)
_TOKEN: Final = re.compile(rb'<meta name="kopia-csrf-token" content="([0-9a-f]{1,200})"')


class _Tasks(msgspec.Struct):
    tasks: list[msgspec.Raw] | None  # null where it has none


class Server:
    """A server of kopia. Its tasks are asked for by the user of its pages; `remembers` is in ticks."""

    def __init__(self, url: str, user: str, password: str, *, ca_file: str, remembers: int) -> None:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._basic = {"Authorization": f"Basic {pair}"}
        self._remembers = remembers
        self._http = HttpServer(url, "kopia's server", ca_file=ca_file, sign_in=self._sign_in)

    def __enter__(self) -> Self:
        self._http.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.__exit__(kind, error, trace)

    def stream(self) -> Stream:
        """Returns its list of tasks."""
        return Stream(name=TASKS, sees=Sees.RUNS, whole=True, remembers=self._remembers)

    def right(self) -> Right:
        """Asks whether its user may see the tasks."""
        try:
            self._tasks()
        except DeniedError:
            return msgspec.structs.replace(RIGHT, held=False)
        return msgspec.structs.replace(RIGHT, held=True)

    def read(self, look: Look, repository: str) -> Iterator[Page]:
        """Gives its tasks, which are those of the repository with this ID. It lists all that it has."""
        tasks, clock = self._tasks()
        jobs, refused = readable(tasks, lambda task: task_of(repository, bytes(task)))
        yield Page(jobs=jobs, refused=refused, clock=clock)

    def _tasks(self) -> tuple[list[msgspec.Raw], int]:
        answered = self._http.get("api/v1/tasks", "tasks")
        try:
            return msgspec.json.decode(answered.body, type=_Tasks).tasks or [], answered.clock
        except msgspec.MsgspecError:
            raise CannotReadError("kopia's server answers with no list of tasks") from None

    def _sign_in(self, server: HttpServer) -> Headers:
        page = server.once("GET", "", "its first page", headers={**self._basic, "Accept": "text/html"})
        token = _TOKEN.search(page.body)
        return self._basic | ({"X-Kopia-Csrf-Token": token[1].decode()} if token else {})
