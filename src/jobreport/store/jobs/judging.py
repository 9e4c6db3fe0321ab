"""Decides what a request does to the stored jobs: which job each report is about, and how it changes that job.

A reference decides before an ID, since it is the same for everybody who reports a backup. So two stored jobs may turn
out to be one: a runner learns the reference only at its end, when a connector may already have reported the same
backup.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Final

import msgspec
from msgspec.structs import replace

from jobreport.model.job import Job, new_unique_job_id
from jobreport.model.sees import Sees
from jobreport.model.stored_job import Effect, StoredJob, apart, effect_of
from jobreport.model.write_result import WriteResult
from jobreport.store.db.errors import FinalJobError, ForeignJobError
from jobreport.store.jobs.naming import Names

_TIMES: Final = ("start", "finish", "observed")


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """The sender of a report: `app` is its client ID (empty for a command on the store's own machine).

    `own_only`: the sender may only change jobs that the same app reported first, and by their reference those of which
    only such have told that see less than it does. `strict`: to report a finished job as unfinished is an error
    (FinalJobError); otherwise such a report has no effect. `from_export`: the jobs come from a file of an export, which
    has no `raw`, `heartbeat` or `made`: those stored stay. A job that says nothing new then has no effect at all;
    it is no sign of life either. `time_step` (ticks): the file has times in such steps, so a time that is less than a
    step from the stored one is the stored one. `listing`: the jobs come from a list that is read again and again; a job
    of which it says nothing new is no sign of life, and has no effect at all.
    """

    app: str = ""
    own_only: bool = False
    strict: bool = False
    from_export: bool = False
    time_step: int = 1
    listing: bool = False


class Judging:
    """Judges the reports of one request. Nothing of it may be stored if one of them is refused.

    `known` has the jobs as they are stored so far, by ID, and `names` by what else they are known. Afterwards `entries`
    are the jobs that must be stored, by ID; `names` the names that are new; and `merged` the IDs of jobs that are no
    more, each with that of the job that it is part of now, in this order.
    """

    def __init__(self, known: Mapping[str, StoredJob], names: Names, writer: Writer, now: int) -> None:
        self._known, self._names, self._writer, self._now = known, names, writer, now
        self.entries: dict[str, StoredJob] = {}
        self.merged: list[tuple[str, str]] = []
        self.names = Names.none()

    def judge(self, jobs: Sequence[Job]) -> WriteResult:
        """Returns the result of the request. Raises FinalJobError or ForeignJobError if it is refused."""
        job_ids, effects = [], []
        for position, job in enumerate(jobs):
            job_id, effect = self._report(position, job)
            job_ids.append(job_id)
            effects.append(effect)
        created, updated = effects.count(Effect.CREATE), effects.count(Effect.UPDATE)
        return WriteResult(
            received=len(jobs),
            created=created,
            updated=updated,
            unchanged=len(jobs) - created - updated,
            job_ids=tuple(job_ids),
        )

    def _report(self, position: int, job: Job) -> tuple[str, Effect]:
        """Returns the ID of the job that a report is about, and what it does to it."""
        writer, merged = self._writer, len(self.merged)
        if job.made or job.sees is not Sees.RUNS:
            job = self._joining(job)
        reference = job.reference
        if reference:
            job, current = self._meant(position, job)
        else:
            current = self.current(job.job_id)
            if current and current.job.reference:  # a report that leaves it out does not end it
                job = job.evolve(job_id=current.job.job_id, reference=current.job.reference)
        if current and current.job.made and not job.made:
            job = job.evolve(made=current.job.made)
        if current and writer.from_export:
            job = _completed(job, current.job, writer.time_step)
        if not job.observed:
            # A later report must have a later observed time, even if this machine's clock was set back in between.
            job = job.evolve(observed=max(self._now, current.job.observed if current else 0))
        foreign = current is not None and writer.own_only and current.app != writer.app
        if current and foreign and not _may_tell(job, current, by_reference=bool(reference)):
            raise ForeignJobError(position, job.job_id, by_reference=bool(reference))
        effect = effect_of(current, job)
        if current and foreign and job.sees.rank > current.job.sees.rank:
            effect = Effect.KEEP
        if effect is Effect.REFUSE and writer.strict and current:
            raise FinalJobError(job.job_id, current.job.state.name)
        if effect is Effect.KEEP or effect is Effect.REFUSE:
            if current and job.reference and not current.job.reference and not foreign:
                self._put(replace(current, job=current.job.evolve(reference=job.reference)))
                effect = Effect.UPDATE
        elif not self._told_twice(job, current, effect):
            same_teller = current is not None and current.job.sees is job.sees
            self._put(
                StoredJob(
                    job=job,
                    received=current.received if current else self._now,
                    heard=self._now,
                    app=current.app if current and same_teller else writer.app,
                )
            )
        return job.job_id, Effect.UPDATE if len(self.merged) > merged else effect

    def _told_twice(self, job: Job, current: StoredJob | None, effect: Effect) -> bool:
        """Whether the report says nothing at all that is not stored."""
        if current is None:
            return False
        delivered_twice = current.job == job and (self._writer.from_export or current.deadline is None)
        return delivered_twice or (effect is Effect.ALIVE and self._writer.listing)

    def _joining(self, job: Job) -> Job:
        """Returns a report under the name of the job that is about the same: a run, or what came of it, which has a
        reference. Both tell the short name of what was made; or the run tells that reference, and has its own.
        """
        if job.reference and not self._owner(job.reference):
            run = self._maker(job) or self._nearest(job)
            if run is None or (self._writer.own_only and run.app != self._writer.app):
                self._claim(job.made, job.reference, job.sees)
                return job
            mine = self.current(job.job_id)
            if mine is None:
                self.names.aliases[job.job_id] = run.job.job_id
            elif mine is not run and not mine.job.reference:  # it was seen before it ended
                run = self._merge(mine, run)
            return job.evolve(job_id=run.job.job_id, reference=run.job.reference or job.reference)
        if job.reference:
            self._claim(job.made, job.reference, job.sees)
            return job
        mine = self.current(job.job_id)
        result = None if mine and mine.job.reference else self._owner(job.made) or self._nearest(job)
        return job.evolve(reference=result.job.reference) if result else job

    def _claim(self, made: str, reference: str, sees: Sees) -> None:
        """Gives what has the reference that is told as `made` to the run that has this other `reference`."""
        result = self._owner(made)
        if result is None or result.job.sees.rank <= sees.rank:
            return
        run = self._owner(reference)
        kept = self._merge(run, result) if run else result
        self._put(replace(kept, job=kept.job.evolve(reference=reference, made=made)))

    def _maker(self, job: Job) -> StoredJob | None:
        """Returns the run that made what has the reference of this one."""
        every = (self.current(job_id) for job_id in self._made(job.reference))
        return next((one for one in every if one and one.job.sees.rank < job.sees.rank), None)

    def _made(self, name: str) -> Sequence[str]:
        known, new = self._names.made.get(name), self.names.made.get(name)
        return sorted((known or set()) | (new or set())) if known or new else ()

    def _nearest(self, job: Job) -> StoredJob | None:
        """Returns the job that made what this one tells of, or the other way round; the nearest in time."""
        if not (ids := self._made(job.made)):
            return None
        every = (self.current(job_id) for job_id in ids)
        found = [(apart(one.job, job), one) for one in every if one and one.job.made == job.made]
        near = [(between, one) for between, one in found if between is not None]
        return min(near, key=itemgetter(0), default=(0, None))[1]

    def _meant(self, position: int, job: Job) -> tuple[Job, StoredJob | None]:
        """Returns a report that has a reference under the ID of the job that it is about, and this job as it stands;
        None if it is a new one.
        """
        named, owner = self.current(job.job_id), self._owner(job.reference)
        if owner is None:
            if named and named.job.reference:  # so the ID is that of another backup
                return job.evolve(job_id=new_unique_job_id(job.type, job.start or self._now)), None
            return job, named
        if named is None or named.job.reference:
            may = not self._writer.own_only or owner.app == self._writer.app or owner.job.sees.rank > job.sees.rank
            if named is None and may:
                self.names.aliases[job.job_id] = owner.job.job_id
            return job.evolve(job_id=owner.job.job_id), owner
        if self._writer.own_only and (
            named.app != self._writer.app or (owner.app != self._writer.app and owner.job.sees is job.sees)
        ):
            raise ForeignJobError(position, job.job_id, by_reference=True)
        kept = self._merge(named, owner)
        return job.evolve(job_id=kept.job.job_id), kept

    def joined(self, job_id: str, reference: str, made: str) -> StoredJob | None:
        """Returns the job that has this reference, or else this ID, as it stands; None if there is none.

        The ID leads to it from now on, and the job that had the ID becomes a part of it. So does what has the reference
        that is told as `made`, as far as a list alone told of it.
        """
        if made:
            self._claim(made, reference, Sees.RUNS)
        named, owner = self.current(job_id), self._owner(reference)
        if owner is None:
            return named
        if named is None:
            self.names.aliases[job_id] = owner.job.job_id
        return owner if named is None or named.job.reference else self._merge(named, owner)

    def met(self, job: Job) -> StoredJob | None:
        """Returns the job of which another teller has told with a reference, if one without is about the same.

        The ID of that leads to it from now on.
        """
        if job.reference or not job.made or (found := self._nearest(job)) is None:
            return None
        self.names.aliases[job.job_id] = found.job.job_id
        return found

    def _owner(self, reference: str) -> StoredJob | None:
        """Returns the job that has this reference, as it stands."""
        if not (job_id := self.names.references.get(reference) or self._names.references.get(reference)):
            return None
        found = self.current(job_id)
        return found if found and found.job.reference == reference else None  # a run may have given it its own

    def _merge(self, named: StoredJob, owner: StoredJob) -> StoredJob:
        """Makes one job of two, since a report with the ID of `named` has the reference of `owner`; returns it.

        It has the ID under which it was told of first, and the other one leads to it. What the other has told counts as
        one more report.
        """
        kept, other = (owner, named) if owner.received < named.received else (named, owner)
        made = kept.job.made or other.job.made
        names = {"job_id": kept.job.job_id, "reference": owner.job.reference, "made": made}
        one = replace(kept, job=kept.job.evolve(**names), received=min(kept.received, other.received))
        told = other.job.evolve(**names)
        if not other.presumed and effect_of(one, told) is Effect.UPDATE:
            app = one.app if told.sees is one.job.sees else other.app
            one = replace(one, job=told, heard=other.heard, presumed=False, app=app)
        gone, into = other.job.job_id, kept.job.job_id
        self.entries.pop(gone, None)
        self.names.update(Names({}, {gone: into}, {}), [(gone, into)])
        self.merged.append((gone, into))
        self._put(one)
        return one

    def current(self, job_id: str) -> StoredJob | None:
        """Returns the job of this ID, or that of which it is another ID, as it stands."""
        if self.names.aliases or self._names.aliases:
            job_id = self.names.aliases.get(job_id) or self._names.aliases.get(job_id, job_id)
        return self.entries.get(job_id) or self._known.get(job_id)

    def _put(self, entry: StoredJob) -> None:
        self.entries[entry.job.job_id] = entry
        if entry.job.reference:
            self.names.references[entry.job.reference] = entry.job.job_id
        if entry.job.made:
            self.names.made.setdefault(entry.job.made, set()).add(entry.job.job_id)


def _may_tell(job: Job, current: StoredJob, *, by_reference: bool) -> bool:
    """Whether an app that may only change its own jobs may report on the job of another app.

    It may if that changes nothing, since it sees less than what counts; or if it sees more, and names the backup by its
    reference.
    """
    more = current.job.sees.rank - job.sees.rank
    return more < 0 or (more > 0 and by_reference and bool(current.job.reference))


def _completed(exported: Job, current: Job, time_step: int) -> Job:
    """Returns an exported job with what the file does not have of the stored one: some fields, and the parts of a time
    that are smaller than `time_step`; `current` if nothing differs.
    """
    whole = exported.evolve(raw=current.raw, heartbeat=current.heartbeat, made=current.made)
    if time_step > 1:
        stored = {name: getattr(current, name) for name in _TIMES}
        whole = whole.evolve(**{name: at for name, at in stored.items() if abs(at - getattr(whole, name)) < time_step})
    # Where the comments tell the same cause that the origin gave, the file does not say that the origin gave it.
    if not whole.cause and (whole.state, whole.comments) == (current.state, current.comments):
        whole = whole.evolve(cause=current.cause)
    return current if whole.same_but_for_time(current) else whole
