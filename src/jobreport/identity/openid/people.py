"""Reads from the claims of a person who may do what in the monitor, and gives this person an account there.

An account belongs to one issuer and one subject for ever: neither a name nor an e-mail address leads to it, since
people can often choose those themselves. Role and tenants are read anew at each sign-in.
"""

import re
import unicodedata
from itertools import count
from typing import Final

import msgspec

from jobreport.identity.oauth.claim_values import at, texts
from jobreport.identity.oauth.jwts import Claims
from jobreport.identity.openid.settings import ProviderSettings
from jobreport.identity.operators import accounts
from jobreport.identity.operators.accounts import MAX_NAME, Reach
from jobreport.model.audit import SERVICE, Action, Actor, AuditEntry, Detail
from jobreport.model.roles import NAMES, Role
from jobreport.store import Store, Transaction
from jobreport.store.registry import audit_log, operators, sessions, tenants
from jobreport.store.registry.operators import Operator

NAME_CLAIMS: Final = ("preferred_username", "name", "email")
"""The claims whose value may name an account, if the one of the settings is missing."""
MOST_VALUES: Final = 20
"""So many values of a claim are written to the log at the most."""
_ROOM: Final = 8  # characters for a number that makes a name a new one


class NotAdmittedError(Exception):
    """Raised if somebody whom the provider knows may not use the monitor. The message tells the visitor what is
    missing; `about` is for the log, and may name what a visitor must not learn.
    """

    def __init__(self, message: str, **about: str | list[str]) -> None:
        super().__init__(message)
        self.about = about


class Person(msgspec.Struct, frozen=True):
    """What the claims say of somebody. `tenants`: names of tenants, whether or not there are such. `strange`: values of
    the claim that can name no tenant.
    """

    subject: str
    name: str
    role: Role
    tenants: tuple[str, ...]
    strange: tuple[str, ...]
    all_tenants: bool


def person_of(claims: Claims, settings: ProviderSettings) -> Person:
    """Returns what verified claims say of a person. Raises NotAdmittedError if they give no role."""
    values = _words(at(claims, settings.roles_claim))
    roles = [role for value in values if (role := settings.role_of(value))]
    if not roles:
        raise NotAdmittedError(
            f"{settings.label} knows you, but gives you no role here. {_missing(claims, settings.roles_claim)} It must "
            f"have one of these values: {_roles(settings)}.",
            claim=settings.roles_claim,
            values=values[:MOST_VALUES],
        )
    claimed = texts(at(claims, settings.tenants_claim)) if settings.tenants_claim else []
    named = {value: settings.tenant_named(value) for value in claimed}
    return Person(
        subject=str(claims["sub"]),
        name=_name(claims, settings),
        role=max(roles),
        tenants=tuple(dict.fromkeys((*settings.tenants, *filter(None, named.values())))),
        strange=tuple(value for value, name in named.items() if not name),
        all_tenants=not {*values, *claimed}.isdisjoint(settings.all_tenants),
    )


def admit(store: Store, settings: ProviderSettings, person: Person, actor: Actor) -> tuple[Operator, list[str]]:
    """Returns the account of this person as it is from now on, and the claimed tenants that there are not.

    At the first sign-in the account is added. Raises NotAdmittedError if it is disabled, or may see no tenant.
    """
    with store.writing() as transaction:
        operators.lock(transaction)
        found = operators.linked(transaction, settings.issuer, person.subject)
        if found and found.disabled:
            raise NotAdmittedError("Your account is disabled here. An administrator of Jobreport can enable it.")
        reach, unknown = _reach(transaction, person)
        if not (reach.tenants or reach.all_tenants):
            raise NotAdmittedError(_no_tenant(settings), claim=settings.tenants_claim, unknown=unknown[:MOST_VALUES])
        if found:
            by = Actor(f"operator:{found.name}", actor.address, actor.request_id)
            _, admitted = accounts.changed(store, transaction, found, role=person.role, reach=reach, by=by)
        else:
            admitted = _added(store, transaction, settings, person, reach, actor)
    return admitted, unknown


def is_account_of(store: Store, settings: ProviderSettings, subject: str, number: int) -> bool:
    """Returns whether the account with this number belongs to this subject of the provider."""
    with store.reading() as transaction:
        found = operators.linked(transaction, settings.issuer, subject)
    return found is not None and found.number == number


def end_sessions(store: Store, settings: ProviderSettings, subject: str, actor: Actor) -> None:
    """Signs somebody out everywhere to whom the provider gives no role any more."""
    with store.writing() as transaction:
        found = operators.linked(transaction, settings.issuer, subject)
        if found and (ended := sessions.end_all(transaction, found.number)):
            by = Actor(f"operator:{found.name}", actor.address, actor.request_id)
            _note(store, transaction, Action.OperatorSignedOut, found, by, {"sessions": ended, "by": settings.issuer})


def _reach(transaction: Transaction, person: Person) -> tuple[Reach, list[str]]:
    """Returns what the person may see, and the names of tenants that there are not."""
    if person.all_tenants:
        return Reach(all_tenants=True), []
    known: list[str] = []
    unknown = [*person.strange]
    for name in person.tenants:
        tenant = tenants.find(transaction, name)
        (known if tenant and not tenant.unusable() else unknown).append(name)
    return Reach(tuple(known)), unknown


def _added(
    store: Store, transaction: Transaction, settings: ProviderSettings, person: Person, reach: Reach, actor: Actor
) -> Operator:
    new = Operator(
        number=operators.new_number(transaction),
        name=_free(transaction, person.name),
        role=person.role,
        password=None,
        created=store.clock(),
        all_tenants=reach.all_tenants,
        tenants=accounts.tenant_numbers(transaction, reach.tenants),
        issuer=settings.issuer,
        subject=person.subject,
    )
    operators.add(transaction, new)
    by = Actor(f"operator:{new.name}", actor.address, actor.request_id)
    about = {"issuer": settings.issuer, "subject": person.subject, "role": person.role.name.lower()}
    _note(store, transaction, Action.OperatorAdded, new, by, {**about, **accounts.about(reach)})
    return new


def _note(store: Store, transaction: Transaction, action: Action, one: Operator, by: Actor, detail: Detail) -> None:
    target = f"operator:{one.name}"
    entry = AuditEntry(tenant=SERVICE, at=store.clock(), actor=by, action=action, target=target, detail=detail)
    audit_log.append(transaction, entry)


def _free(transaction: Transaction, name: str) -> str:
    """Returns the name, or with a number after it if another account has it: nobody takes over an account by a name."""
    for number in count(1):
        wanted = name if number == 1 else f"{name} {number}"
        if not operators.find(transaction, wanted):
            return wanted
    raise AssertionError("unreachable")


def _name(claims: Claims, settings: ProviderSettings) -> str:
    """Returns a name that an account may have, from the claims: what cannot be in one is left out."""
    for claim in (settings.name_claim, *NAME_CLAIMS):
        value = at(claims, claim)
        if isinstance(value, str):
            kept = re.sub(r"[^\w.@+-]+", " ", unicodedata.normalize("NFKC", value)).strip()
            if short := kept[: MAX_NAME - _ROOM].strip():
                return short
    return "somebody"


def _words(value: object) -> list[str]:
    """Returns the values of a claim. A single text contains several with spaces between them, like `scope`; it also
    counts as a whole, since the name of a group may have spaces.
    """
    found = texts(value)
    return [*found, *value.split()] if isinstance(value, str) else found


def _roles(settings: ProviderSettings) -> str:
    values = settings.roles or NAMES
    return ", ".join(f"{value} ({role.name.lower()})" for value, role in values.items())


def _missing(claims: Claims, claim: str) -> str:
    """Returns what is said of a claim that gives no role."""
    if at(claims, claim) is None:
        left_out = claims.get("_claim_names")
        if isinstance(left_out, dict) and claim in left_out:
            return f"It left the claim {claim} out of the ID token, since you have too many values there."
        return f"The ID token has no claim {claim}."
    return f"The claim {claim} of the ID token has no value that counts here."


def _no_tenant(settings: ProviderSettings) -> str:
    start = f"{settings.label} knows you, but nothing says whose jobs you may see."
    if settings.tenants_claim:
        return f"{start} The claim {settings.tenants_claim} of the ID token must name a tenant that there is here."
    return f"{start} Whoever runs this server gives you a tenant in the settings of {settings.label}."
