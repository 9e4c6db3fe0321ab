"""Sessions of operators: begins them at sign-in, finds who sent a request by the token in its cookie, and ends them.

Every request reads its session and its operator from the store. So whoever is disabled, has another role or has signed
out is refused at once, whichever worker process answers.
"""

import hashlib
import secrets
from contextlib import suppress
from typing import Final

import msgspec

from jobreport.identity.keys.small_texts import decrypt, encrypt
from jobreport.identity.operators.viewer import Viewer
from jobreport.model import ticks
from jobreport.model.audit import SERVICE, Action, Actor, AuditEntry
from jobreport.store import Store, StoreUnavailableError
from jobreport.store.registry import audit_log, operators, sessions
from jobreport.store.registry.operators import Operator
from jobreport.store.registry.sessions import Session

IDLE: Final = 12 * 3600 * ticks.PER_SECOND
"""A session is over if its person sent no request for this long, in ticks. What a page asks for by itself does not
count: otherwise a page that was left open would keep its session for ever."""
WHOLE: Final = 30 * ticks.PER_DAY
"""A session is over after this time in any case, in ticks."""
NOTED: Final = 60 * ticks.PER_SECOND
"""The last request is stored at most once in this time, in ticks."""
CONFIRMED: Final = 10 * 60 * ticks.PER_SECOND
"""For this long after a person gave proof, secrets are shown without asking for it again, in ticks."""
PREFIX: Final = "jro_"
"""Lets a leaked token be recognised."""
ID_DIGITS: Final = 12
_MAX_AGENT: Final = 120
_MAX_ADDRESS: Final = 64
_ID_TOKEN: Final = "session ID token"  # noqa: S105 - what the key is for


class Proof(msgspec.Struct, frozen=True):
    """What somebody signs in with. `by`: its name, if it is not the password. `given`: when it was given, in ticks;
    None for now. `id_token`: that of a provider.
    """

    by: str = ""
    given: int | None = None
    id_token: str = ""


PASSWORD: Final = Proof()


class NoSessionError(Exception):
    """Raised if an account was changed between the proof and the session: removed, disabled, or given a password."""


class Sessions:
    """The sessions of the operators of a store. Thread-safe.

    `issuer`: the provider by which people sign in; empty if there is none. Sessions by another one are no longer good.
    """

    def __init__(self, store: Store, issuer: str = "") -> None:
        self._store = store
        self._issuer = issuer

    def begin(self, operator: Operator, actor: Actor, agent: str, before: str = "", proof: Proof = PASSWORD) -> str:
        """Begins a session of an operator who has given proof, and returns its token. `before`: the token of the
        browser's session until now, which ends. `agent`: how the browser calls itself.

        Raises NoSessionError if the account is not usable any more, or has another password than the `operator` has.
        """
        token = PREFIX + secrets.token_urlsafe(32)
        now = self._store.clock()
        new = Session(
            token=hash_token(token),
            operator=operator.number,
            created=now,
            seen=now,
            confirmed=now if proof.given is None else min(now, proof.given),
            expires=now + IDLE,
            address=shortened(actor.address, _MAX_ADDRESS),
            agent=shortened(agent, _MAX_AGENT),
            id_token=encrypt(token, _ID_TOKEN, proof.id_token.encode()) if proof.id_token else None,
        )
        with self._store.writing() as transaction:
            operators.lock(transaction)
            current = operators.by_number(transaction, operator.number)
            if current is None or current.disabled or current.password != operator.password:
                raise NoSessionError
            if before and (old := sessions.find(transaction, hash_token(before), now)):
                sessions.end(transaction, old.operator, old.token)
            sessions.add(transaction, new)
            detail = {"session": session_id(new.token)} | ({"by": proof.by} if proof.by else {})
            entry = _entry(now, actor, Action.OperatorSignedIn, operator.name, **detail)
            audit_log.append(transaction, entry)
        return token

    def find(self, token: str, *, by_person: bool = True) -> Viewer | None:
        """Returns whose session this is; None if there is no such session, it is over, or its operator is disabled.

        `by_person`: a person asked, not a page by itself, so the session goes on.
        """
        if not token.startswith(PREFIX):
            return None
        digest, now = hash_token(token), self._store.clock()
        with self._store.reading() as transaction:
            found = sessions.signed_in(transaction, digest, now)
        if found is None or found.issuer not in ("", self._issuer):
            return None
        if by_person and not 0 <= now - found.seen < NOTED:
            # The page is shown even if the store cannot be written now.
            with suppress(StoreUnavailableError), self._store.writing() as transaction:
                sessions.set_seen(transaction, digest, now, min(now + IDLE, found.created + WHOLE))
        return Viewer(
            operator=found.operator,
            name=found.name,
            role=found.role,
            reach=found.reach,
            session=digest,
            confirmed=found.confirmed,
            issuer=found.issuer,
        )

    def id_token(self, token: str) -> str:
        """Returns the ID token by which the session with this token was begun; empty if there was none."""
        with self._store.reading() as transaction:
            found = sessions.find(transaction, hash_token(token), self._store.clock())
        kept = decrypt(token, _ID_TOKEN, found.id_token) if found and found.id_token else None
        return kept.decode() if kept else ""

    def of(self, who: Viewer) -> tuple[Session, ...]:
        """Returns all sessions of this person, the one that was used last first."""
        with self._store.reading() as transaction:
            return sessions.list_sessions(transaction, who.operator, self._store.clock())

    def end(self, who: Viewer, name: str, actor: Actor) -> bool:
        """Ends the session of this person with this ID (`session_id`). Returns whether there was one."""
        return end(self._store, who.operator, who.name, name, actor)

    def end_all(self, who: Viewer, actor: Actor) -> int:
        """Ends all sessions of this person: signs out everywhere. Returns how many there were."""
        return end_all(self._store, who.operator, who.name, actor)

    def confirm(self, who: Viewer) -> None:
        """Notes that this person has just given proof again."""
        with self._store.writing() as transaction:
            sessions.set_confirmed(transaction, who.session, self._store.clock())

    def is_confirmed(self, who: Viewer) -> bool:
        """Returns whether this person gave proof in the last ten minutes."""
        return 0 <= self._store.clock() - who.confirmed < CONFIRMED


def end(store: Store, operator: int, name: str, session: str, actor: Actor) -> bool:
    """Ends the session of the operator whose ID is `session`. Returns whether there was one."""
    now = store.clock()
    with store.writing() as transaction:
        for one in sessions.list_sessions(transaction, operator, now):
            if session_id(one.token) == session and sessions.end(transaction, operator, one.token):
                audit_log.append(transaction, _entry(now, actor, Action.OperatorSignedOut, name, session=session))
                return True
    return False


def end_all(store: Store, operator: int, name: str, actor: Actor) -> int:
    """Ends all sessions of the operator. Returns how many there were."""
    with store.writing() as transaction:
        ended = sessions.end_all(transaction, operator)
        if ended:
            entry = _entry(store.clock(), actor, Action.OperatorSignedOut, name, sessions=ended)
            audit_log.append(transaction, entry)
    return ended


def hash_token(token: str) -> bytes:
    """Returns the hash under which a session is stored. One round of SHA-256 is enough: a token has 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def session_id(token: bytes) -> str:
    """Returns the ID by which people name a session: the first digits of the hash of its token."""
    return token.hex()[:ID_DIGITS]


def shortened(text: str, most: int) -> str:
    """Returns the text with at most so many characters, and without those that cannot be printed."""
    kept = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[: most + 1])
    return kept if len(kept) <= most else kept[: most - 1] + "…"


def _entry(now: int, actor: Actor, action: Action, name: str, **detail: str | int) -> AuditEntry:
    return AuditEntry(tenant=SERVICE, at=now, actor=actor, action=action, target=f"operator:{name}", detail={**detail})
