"""Makes the digests that are due, and queues them for delivery. Each is also a job of the operator's own tenant.

A new digest is due for the first time at its next time of day. If several were due while no server ran, only the last
one is made.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

import structlog

from jobreport import atomic_file
from jobreport.export.batches import ExportError
from jobreport.identity.tenants import ensure
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import TEXT_LIMITS, Job
from jobreport.model.message import Delivery, File, Message, Step
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import Store, StoreError
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import deliveries
from jobreport.store.watch import digests as rows
from jobreport.watch.channels import letter
from jobreport.watch.digests import files, words
from jobreport.watch.digests.configured import Digest
from jobreport.watch.digests.facts import gather
from jobreport.watch.digests.words import Letter

PLAN: Final = "jobreport digests"

_log = structlog.get_logger()


class _Due(NamedTuple):
    """A digest that is due (ticks), whose it is, about whom, and until when the one before it was made."""

    digest: Digest
    whose: Tenant
    about: Sequence[Tenant]
    before: int
    due: int

    @property
    def stamp(self) -> str:
        return f"{ticks.to_datetime(self.due):%Y%m%dT%H%M%SZ}"


def make(store: Store, digests: Sequence[Digest], public_url: str = "") -> Iterator[Message]:
    """Makes all digests that are due, one after the other; gives each. `public_url` is the monitor's address.

    Raises StoreError. What else goes wrong with one keeps no other from being made.
    """
    for digest in digests:
        for one in _due(store, digest):
            try:
                message = _made(store, one, public_url)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - it is tried again at the next look
                _log.error("digest not made", digest=digest.name, tenant=one.whose.name, exc_info=error)
                continue
            if message is not None:
                yield message


def as_of_now(store: Store, digest: Digest, public_url: str = "") -> Iterator[Message]:
    """Gives the digest as it would be now, without its file, and notes nothing."""
    now = store.clock()
    for whose, about in _whose(store, digest):
        yield _message(store, _Due(digest, whose, about, now, now), public_url)


def unknown_tenants(store: Store, digest: Digest) -> list[str]:
    """Returns the names in a digest that no tenant has."""
    with store.reading() as transaction:
        known = {one.name for one in tenants.list_tenants(transaction)}
    return [name for name in digest.tenants if name not in known]


def _made(store: Store, one: _Due, public_url: str) -> Message | None:
    """Makes a digest; returns None if another process has just made it."""
    attached, lack = _files(store, one)
    message = _message(store, one, public_url, attached, lack)
    _record(store, one, message, _written(store, one, message))
    with store.writing() as transaction:
        if not rows.note(transaction, one.whose.number, one.digest.name, one.before, one.due):
            return None
        deliveries.add(transaction, [Delivery(message, channel) for channel in one.digest.channels])
    return message


def _files(store: Store, one: _Due) -> tuple[tuple[File, ...], str]:
    """Returns the files that go with a digest, and what is said of those that do not; empty: all do."""
    form, found, size = one.digest.attach, list[File](), 0
    if not form:
        return (), ""
    try:
        for tenant in one.about:
            name = files.name_of(one.digest.name, tenant.name, one.due, form)
            file = files.attached(store, tenant.number, one.before, one.due, form, name)
            size += len(file.content) if file else files.MOST + 1
            if file and size <= files.MOST:
                found.append(file)
    except ExportError as error:
        return (), f"The file with the jobs could not be made: {error}"
    where = f"; it is in {one.digest.folder}" if one.digest.folder else ""
    large = f"The file with the jobs is too large to be sent: more than {files.MOST // 1024**2} MiB{where}"
    return tuple(found), large if len(found) < len(one.about) else ""


def _message(store: Store, one: _Due, public_url: str, attached: tuple[File, ...] = (), lack: str = "") -> Message:
    said = _letter(store, one)
    path = "/customers" if one.digest.together else f"/?tenant={quote(one.whose.name)}"
    return Message(
        id=f"digest-{one.digest.name}-{one.stamp}",
        step=Step.DIGEST,
        tenant=one.whose.number,
        tenant_name="Jobreport" if one.digest.together else one.whose.name,
        subject=said.subject,
        lines=(*said.lines, *([lack] if lack else [])),
        link=f"{public_url}{path}" if public_url else "",
        severity=said.severity,
        files=attached,
        at=store.clock(),
    )


def _letter(store: Store, one: _Due) -> Letter:
    now = store.clock()
    every = [gather(store, tenant, now) for tenant in one.about]
    if not one.digest.together:
        return words.of_one(every[0])
    with store.reading() as transaction:
        own = deliveries.failed(transaction).get(one.whose.number, 0)
    return words.of_all(every, own)


def _due(store: Store, digest: Digest) -> Iterator[_Due]:
    """Gives what is due of a digest, and notes whose it is from now on."""
    now = store.clock()
    due = digest.schedule.last(now)
    with store.reading() as transaction:
        made = rows.made(transaction, digest.name)
    for whose, about in _whose(store, digest):
        before = made.get(whose.number)
        if before is None:
            with store.writing() as transaction:
                rows.begin(transaction, whose.number, digest.name, now)
        elif before < due:
            yield _Due(digest, whose, about, before, due)


def _whose(store: Store, digest: Digest) -> list[tuple[Tenant, Sequence[Tenant]]]:
    """Returns whose letters a digest is, each with the tenants that it is about."""
    with store.reading() as transaction:
        every = [one for one in tenants.list_tenants(transaction) if not one.unusable() and one.name != SERVICE_NAME]
    chosen = [one for one in every if not digest.tenants or one.name in digest.tenants]
    if not digest.together:
        return [(one, [one]) for one in chosen]
    return [(ensure(store, SERVICE_NAME), chosen)] if chosen else []


def _written(store: Store, one: _Due, message: Message) -> str:
    """Writes the letter and the file into the folder, if there is one. Returns what went wrong; empty: nothing."""
    if not one.digest.folder:
        return ""
    folder = Path(one.digest.folder)
    whose = "all" if one.digest.together else one.whose.name
    try:
        path = folder / files.name_of(one.digest.name, whose, one.due, "html")
        atomic_file.write(path, letter.html(message).encode())
        if form := one.digest.attach:
            for tenant in one.about:
                path = folder / files.name_of(one.digest.name, tenant.name, one.due, form)
                files.written(store, tenant.number, one.before, one.due, form, path)
    except (OSError, ExportError) as error:
        reason = (error.strerror or "it cannot be written") if isinstance(error, OSError) else str(error)
        _log.error("digest not written", digest=one.digest.name, folder=str(folder), reason=reason)
        return f"not written to {folder}: {reason}"
    return ""


def _record(store: Store, one: _Due, message: Message, fault: str) -> None:
    job = Job(
        job_id=f"digest-{one.digest.name}-{one.whose.number}-{one.stamp}",
        service=ServiceType.Common,
        type=JobType.Report,
        state=JobState.Exception if fault else JobState.Successful,
        start=one.due,
        finish=max(one.due, store.clock()),
        comments="\n".join(filter(None, [fault, message.subject]))[: TEXT_LIMITS["comments"]],
        description=f"Digest {one.digest.name} of {message.tenant_name}"[: TEXT_LIMITS["description"]],
        plan=PLAN,
        resource=one.digest.name if one.digest.together else f"{one.whose.name}/{one.digest.name}",
        origin=PLAN,
    )
    store.record(ensure(store, SERVICE_NAME).number, [job])
