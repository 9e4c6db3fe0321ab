"""Makes a success an Exception if another sentence of the mail tells of a failure, in whatever words."""

from typing import Final

import msgspec

from jobreport.inbox.mail.message import Mail
from jobreport.inbox.mail.rules.reading import lines
from jobreport.inbox.mail.rules.words import against
from jobreport.inbox.report import Reading, ReportedJob
from jobreport.model.catalog import JobState
from jobreport.runner.redact import redact
from jobreport.runner.text import clean, shorten
from jobreport.runner.tools.reading import one_object

_SHOWN: Final = 300


def doubted(reading: Reading, mail: Mail) -> Reading:
    """Returns what a mail says, with an exception for each success that any sentence of the mail speaks against."""
    if not any(job.state is JobState.Successful for job in reading.jobs):
        return reading
    names = sorted({name for job in reading.jobs for name in (job.plan, job.resource)}, key=len, reverse=True)
    words = against([mail.subject, *lines(mail)], names)
    return (
        msgspec.structs.replace(reading, jobs=tuple(_doubted(job, words) for job in reading.jobs)) if words else reading
    )


def _doubted(job: ReportedJob, words: str) -> ReportedJob:
    if job.state is not JobState.Successful:
        return job
    said = shorten(redact(clean(words)), _SHOWN)
    counts = job.counts if job.counts is not None and job.counts.total > 1 else one_object(JobState.Exception)
    comments = "\n".join(filter(None, (f"the mail also says: {said}", job.comments)))
    return msgspec.structs.replace(job, state=JobState.Exception, comments=comments, counts=counts)
