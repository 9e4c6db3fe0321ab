"""Settings in, the whole service out: the composition root, and the URL table on one screen."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

import msgspec
import structlog
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

import jobreport
from jobreport import housekeeping, logs
from jobreport.api import backup_jobs, health, jobs, openapi, page, summary, token
from jobreport.api import jobreport as report
from jobreport.api.middleware import Requests
from jobreport.api.operation import Operation, Services
from jobreport.api.threads import WRITES, in_thread
from jobreport.identity import seal
from jobreport.identity.skiptokens import SkipTokens
from jobreport.identity.tokens import Tokens
from jobreport.settings import ServerSettings
from jobreport.store import BEAT_SECONDS, Store, StoreError, open_store

URLS: Final[tuple[tuple[str, str, Operation], ...]] = (
    ("POST", "/api/public/jobreport", report.OPERATION),
    ("GET", "/backup/vm/jobs", backup_jobs.OPERATION),
    ("GET", "/api/summary", summary.OPERATION),
    ("POST", "/api/jobs", jobs.RECORD),
    ("GET", "/api/jobs/{jobId:any}", jobs.SHOW),
    ("POST", token.TOKEN_PATH, token.TOKEN),
    ("GET", "/.well-known/openid-configuration", token.DISCOVERY),
    ("GET", token.JWKS_PATH, token.JWKS),
    ("GET", "/openapi.json", openapi.OPENAPI),
    ("GET", "/docs", page.PAGE),
    ("GET", "/docs/start.js", page.START),
    ("GET", "/healthz", health.ALIVE),
    ("GET", "/readyz", health.READY),
)

_log = structlog.get_logger()


class _Any(Convertor[str]):
    """Any character, line ends too: Starlette's own `path` stops at one."""

    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("any", _Any())


def build(settings: ServerSettings) -> ASGIApp:
    """The application of one server process. It opens the store, and closes it when the server stops."""
    logs.configure(as_json=settings.log_json)
    store = open_store(settings.store)

    @contextlib.asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        beside = [
            asyncio.create_task(_watch(store)),
            asyncio.create_task(housekeeping.keep_log(store, services.sign_ins, partial(seal.keys_of, store))),
            asyncio.create_task(housekeeping.purge_deleted(store)),
        ]
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            store.close()

    router = Router(
        routes=[
            *(Route(path, operation, methods=[method]) for method, path, operation in URLS),
            Mount("/docs/assets", page.assets()),
        ],
        # A redirect would be built from the Host header, which anybody can set.
        redirect_slashes=False,
        lifespan=lifespan,
    )
    described = openapi.document(URLS, version=jobreport.__version__, server=settings.public_url)
    tokens = Tokens(store, settings.public_url)
    services = Services(store, tokens, SkipTokens(tokens), msgspec.json.encode(described))
    return Requests(router, services)


async def _watch(store: Store) -> None:
    """Listens for jobs that went silent, as long as the service runs."""
    while True:
        try:
            if presumed := await in_thread(WRITES, store.listen):
                _log.warning("jobs presumed failed", jobs=presumed)
        except StoreError as error:
            _log.warning("watch for silent jobs", reason=str(error))
        except Exception as error:  # noqa: BLE001 - nobody would notice that the watch had ended
            _log.error("watch for silent jobs", exc_info=error)
        await asyncio.sleep(BEAT_SECONDS)
