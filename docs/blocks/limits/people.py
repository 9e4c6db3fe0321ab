"""Limits of operators and of tenants."""

from typing import Final

from blocks.limits.rows import Rows
from jobreport.identity.openid import transactions
from jobreport.identity.operators import accounts, delays, passwords
from jobreport.identity.operators import sessions as op_sessions
from jobreport.model import tenants, ticks
from jobreport.monitor import forms
from jobreport.store.registry import sign_ins

ROWS: Final[Rows] = [
    ("Name of an operator", f"{accounts.MAX_NAME} characters", ""),
    ("Password of an operator", f"{passwords.MIN_LENGTH} to {passwords.MAX_LENGTH} characters", "400"),
    (
        "Sign-in by a provider, from its begin to the return of the browser",
        f"{transactions.LASTS // (60 * ticks.PER_SECOND)} minutes, once",
        "400",
    ),
    ("Page to which a sign-in by a provider leads", f"{transactions.MAX_NEXT:,} characters", "the overview"),
    (
        "Session of an operator",
        f"{op_sessions.IDLE // (3600 * ticks.PER_SECOND)} hours without a request, "
        f"{op_sessions.WHOLE // ticks.PER_DAY} days in all",
        "signs in again",
    ),
    (
        "Time after a password in which it is not asked for again",
        f"{op_sessions.CONFIRMED // (60 * ticks.PER_SECOND)} minutes",
        "asked for again before a secret is shown",
    ),
    (
        "Wrong passwords of a name at an address without a delay",
        f"{delays.PAIR.free}; then 1 second, twice as long each time, at most {delays.PAIR.most / 60:.0f} minutes",
        "429",
    ),
    (
        "Wrong passwords of an address without a delay",
        f"{delays.ADDRESS.free}; then 1 second, twice as long each time, at most {delays.ADDRESS.most:.0f} seconds",
        "429",
    ),
    (
        "Wrong passwords of a name without a slower answer",
        f"{delays.NAME.free}; then at most {delays.NAME.most:.0f} seconds slower",
        "",
    ),
    ("Form of the monitor", f"{forms.MAX_FORM // 1024} KiB", "413"),
    ("Name of a tenant", f"{tenants.MAX_NAME} lower-case letters, digits, `.`, `-`, `_`", ""),
    ("Time in which a deleted tenant can be resumed", f"{tenants.GRACE_DAYS} days, or as `--grace` says", ""),
    ("Addresses that an entry on sign-ins names", f"{sign_ins.ADDRESSES}", ""),
]
