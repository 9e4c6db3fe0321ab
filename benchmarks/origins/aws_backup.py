"""AWS Backup with many jobs, as the tests have it."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import quote, urlsplit

import program
from fakes.aws.aws_cloud import Cloud
from fakes.aws.aws_loopback import KEY, serving
from fakes.aws.aws_records import REGION, backup

from jobreport.clock import now_ticks
from jobreport.model import ticks

_SIGNED: Final = (
    f"AWS4-HMAC-SHA256 Credential={KEY}/20260101/{REGION}/backup/aws4_request, SignedHeaders=host, Signature={'0' * 64}"
)
_DAYS: Final = 25


@contextmanager
def _served(jobs: int) -> Iterator[str]:
    cloud = Cloud(now=now_ticks, checks=False)
    step = _DAYS * ticks.PER_DAY // jobs
    cloud.jobs[REGION, "BackupJobs"] = [backup(one, cloud.now() - ticks.PER_DAY - one * step) for one in range(jobs)]
    with serving(cloud) as url:
        yield url


def _read(url: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    token, found = "", 0
    while True:
        more = f"&nextToken={quote(token, safe='')}" if token else ""
        connection.request("GET", f"/backup-jobs/?maxResults=1000{more}", headers={"Authorization": _SIGNED})
        answer = json.loads(connection.getresponse().read())
        found += len(answer["BackupJobs"])
        if not (token := answer.get("NextToken", "")):
            return found


def _listed(url: str) -> int:
    import boto3

    pages = boto3.client("backup", region_name=REGION, endpoint_url=url).get_paginator("list_backup_jobs")
    return sum(len(page["BackupJobs"]) for page in pages.paginate(PaginationConfig={"PageSize": 1000}))


program.run(_served, _read, _listed)
