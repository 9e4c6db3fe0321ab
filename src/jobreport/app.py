"""Settings in, the whole service out: the composition root, and the URL table on one screen."""

import asyncio
import contextlib
import itertools
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
from jobreport.api import backup_jobs, export, health, jobs, openapi, page, summary, token
from jobreport.api import jobreport as report
from jobreport.api.admitted import Admitted
from jobreport.api.middleware import Requests
from jobreport.api.operation import Operation, Services
from jobreport.api.rate import RateLimit, Rates
from jobreport.api.threads import WRITES, in_thread, of_issuer
from jobreport.identity import proofs, seal
from jobreport.identity.attempts import Attempts
from jobreport.identity.encryption import SecretKey, SecretKeyError
from jobreport.identity.issuers import Issuer
from jobreport.identity.skiptokens import SkipTokens
from jobreport.identity.tokens import Tokens
from jobreport.identity.trust import parse_trusted
from jobreport.model import ticks
from jobreport.settings import ServerSettings
from jobreport.store import BEAT_SECONDS, Store, StoreError, open_store

URLS: Final[tuple[tuple[str, str, Operation], ...]] = (
    ("POST", "/api/public/jobreport", report.OPERATION),
    ("GET", "/backup/vm/jobs", backup_jobs.OPERATION),
    ("GET", "/api/export", export.OPERATION),
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

TEND_SECONDS: Final = 10
"""How often the keys are looked after, so that what one process does to them the others know."""
_HOUR: Final = 3600 // TEND_SECONDS
RENEW_SECONDS: Final = 60
"""How often an outside issuer may be asked for its keys while nobody sends a token of his."""

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
    secret = SecretKey(settings.secret_key) if settings.secret_key else None
    tokens = Tokens(store, settings.public_url, secret, map(parse_trusted, settings.trusted))

    @contextlib.asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        key_age = settings.key_days * ticks.PER_DAY
        beside = [
            asyncio.create_task(work)
            for work in (
                _watch(store),
                _tend(tokens, key_age),
                *(_renew(issuer) for issuer in tokens.issuers),
                housekeeping.keep_log(store, services.sign_ins, partial(seal.keys_of, store, secret)),
                housekeeping.purge_deleted(store),
            )
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
    services = Services(
        store,
        tokens,
        Admitted(store.clock),
        Attempts(store),
        SkipTokens(tokens),
        msgspec.json.encode(described),
        rates=Rates(RateLimit(*settings.rate_limit)) if settings.rate_limit else None,
    )
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


async def _tend(tokens: Tokens, key_age: int) -> None:
    """Looks after the signing keys, and warns of what soon no app can sign in with, as long as the service runs."""
    for beat in itertools.count():
        try:
            if rotated := await in_thread(WRITES, tokens.tend, key_age):
                _log.info("signing key rotated", kid=rotated, reason="age")
            ending = [] if beat % _HOUR else await in_thread(WRITES, proofs.to_warn_of, tokens.store)
            for name, ends in ending:
                _log.warning("sign-in ends soon", app=name, ends=ticks.to_iso(ends, digits=0))
        except (StoreError, SecretKeyError) as error:
            _log.warning("signing keys not looked after", reason=str(error))
        except Exception as error:  # noqa: BLE001 - nobody would notice that nobody looks after them any more
            _log.error("signing keys not looked after", exc_info=error)
        await asyncio.sleep(TEND_SECONDS)


async def _renew(issuer: Issuer) -> None:
    """Keeps the keys of an outside issuer at hand, as long as the service runs."""
    told = ""
    while True:
        try:
            if issuer.is_due():
                reason = await in_thread(of_issuer(issuer.name), issuer.renew)
                if reason != told:
                    _log.warning("issuer", issuer=issuer.name, reason=reason or "its keys can be had again")
                told = reason
        except Exception as error:  # noqa: BLE001 - as above
            _log.error("issuer", issuer=issuer.name, exc_info=error)
        await asyncio.sleep(RENEW_SECONDS)
