"""Each right that a full view needs is asked for, of AWS itself; and the policy that we hand out has just these."""

import json
from pathlib import Path

from aws_connector import wanted
from fakes.aws.aws_cloud import Cloud
from fakes.aws.aws_records import REGION, backup

from clocks import Clock
from jobreport.connectors.kinds.aws_backup import KIND
from jobreport.connectors.trial import trial
from jobreport.model.catalog import JobState

ALL = ("backup-jobs", "copy-jobs", "restore-jobs", "report-jobs")
POLICY = Path(__file__).parents[3] / "deploy/roles/aws-backup.json"


def test_the_policy_allows_what_is_asked_and_nothing_else() -> None:
    (statement,) = json.loads(POLICY.read_text(encoding="utf-8"))["Statement"]
    assert statement["Action"] == sorted({right.name for right in KIND.rights})
    assert (statement["Effect"], statement["Resource"]) == ("Allow", "*")


def test_each_right_is_asked_for_in_each_region_and_what_is_missing_is_named(cloud: Cloud, clock: Clock) -> None:
    cloud.denied = {f"ListCopyJobs in {REGION}", "DescribeBackupJob in us-east-1"}
    cloud.put(REGION, backup(1, clock.now))
    found = trial(wanted(*ALL, regions=(REGION, "us-east-1")), clock.now + 1)
    assert {f"{right.name} {right.stream}" for right in found.rights} == {
        f"{right.name} {region}/{name}s"
        for region in (REGION, "us-east-1")
        for right in KIND.rights
        for name in [_list_of(right.name)]
    }
    assert [(right.name, right.stream, right.without) for right in found.rights if right.held is False] == [
        ("backup:ListCopyJobs", f"{REGION}/copy-jobs", "all copy jobs"),
        (
            "backup:DescribeBackupJob",
            "us-east-1/backup-jobs",
            "how backup jobs that ran at the last look have ended, and their parts",
        ),
    ]
    assert [one.error for one in found.streams if one.error] == [f"access denied for backup:ListCopyJobs in {REGION}"]
    assert found.streams[0].states == {JobState.Successful: 1}
    assert not found.whole


def _list_of(right: str) -> str:
    """`backup:DescribeCopyJob` and `backup:ListCopyJobs` are of the copy jobs."""
    name = right.removeprefix("backup:").removeprefix("Describe").removeprefix("List").removesuffix("s")
    return f"{name.removesuffix('Job').lower()}-job"


def test_of_an_organisation_only_lists_are_asked_for_all_accounts(cloud: Cloud, clock: Clock) -> None:
    with KIND.open(wanted(*ALL, accounts="*").settings) as account:
        assert {right.name for right in account.rights() if right.held} == {
            *("backup:ListBackupJobs", "backup:ListCopyJobs", "backup:ListReportJobs", "backup:ListRestoreJobs"),
        }
    assert [query.get("accountId") for query in cloud.calls("ListBackupJobs")] == ["*"]
    assert "accountId" not in cloud.calls("ListReportJobs")[0]


def test_in_a_region_that_does_not_answer_no_right_can_be_asked_for_and_its_lists_say_why(
    cloud: Cloud, clock: Clock
) -> None:
    cloud.closed = {"us-east-1"}
    found = trial(wanted("backup-jobs", "copy-jobs", regions=(REGION, "us-east-1")), clock.now + 1)
    assert {(right.stream, right.held) for right in found.rights} == {
        *((f"{REGION}/backup-jobs", True), (f"{REGION}/copy-jobs", True)),
        *(("us-east-1/backup-jobs", None), ("us-east-1/copy-jobs", None)),
    }
    assert [one.error.partition(":")[0] for one in found.streams] == [
        *("", "", *["AWS does not know the credentials in us-east-1"] * 2),
    ]
    assert len([region for region, _, _ in cloud.asked if region == "us-east-1"]) == 3
