"""The mappings of the documentation do what their pages say."""

import re

from pages import DOCS, text

from jobreport.configuration.file import Configuration
from jobreport.inbox.webhooks.mapping import DocumentMapping
from jobreport.inbox.webhooks.taking import delivery_of
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.runner.tools.base import Counts


def mapping(page: str) -> DocumentMapping:
    """The mapping that a page shows."""
    path = DOCS / page
    (block,) = re.findall(r"```toml\n(.*?)```", text(path), re.DOTALL)
    (table,) = Configuration(path, block).tables("mapping")
    return DocumentMapping(table)


def test_the_sample_of_the_how_to_becomes_the_job_that_it_tells() -> None:
    (sample,) = re.findall(r"```text\n(\{.*?)```", text(DOCS / "how-to" / "webhooks-any-json.md"), re.DOTALL)
    (job,) = mapping("how-to/webhooks-any-json.md").read(delivery_of("POST", [], [], sample.encode())).jobs
    assert (job.state, job.resource, job.comments) == (JobState.Exception, "nas-2/Photos", "IMG_1.jpg\nIMG_2.jpg")
    assert job.finish == ticks.from_iso("2026-11-23T03:10:00Z")
    assert job.finish - job.start == 4210 * ticks.PER_SECOND
    assert job.counts == Counts(failed=2, successful=812, total=814, size=1_503_238_553)


def test_the_mapping_of_the_reference_reads_what_it_is_for() -> None:
    body = (
        b'{"host": "nas", "jobs": [{"type": "backup", "id": "7", "result": "error", "begin": "23.11.2026 04:10",'
        b' "seconds": 60, "target": "copied to /srv", "errors": [{"text": "no space"}]}, {"type": "scrub"}]}'
    )
    (job,) = mapping("reference/webhooks.md").read(delivery_of("POST", [], [], body)).jobs
    assert (job.state, job.key, job.plan, job.resource) == (JobState.Failed, "nas-7", "nightly", "/srv")
    assert (job.comments, job.counts) == ("no space", Counts(failed=1, total=1))
