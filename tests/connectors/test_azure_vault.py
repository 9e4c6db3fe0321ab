"""Recovery Services vaults through Azure's own SDK: pages to the end, windows, what runs, and what is refused."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from azure_looks import NOW, configured, jobs, missing, opened, pages, signed_in
from fakes.azure.cloud import SUBSCRIPTION, Cloud, served
from fakes.azure.vaults import Vaults, vault_id, vault_job

from clocks import Clock
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.collect import collect
from jobreport.connectors.kinds.azure_vault import KIND
from jobreport.connectors.trial import trial
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.store import Store

GOLD, SILVER = "backups/gold", "backups/silver"
END = "2026-03-02T03:00:00Z"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with served(Cloud()) as running:
        yield running


@pytest.fixture
def vaults(cloud: Cloud) -> Vaults:
    made = Vaults(cloud, "gold", "silver")
    made.jobs["gold"] = [vault_job(number, f"2026-02-{number + 7:02}T02:00:00.1234567Z", END) for number in range(1, 9)]
    made.jobs["gold"] += [
        vault_job(20, "2026-03-02T11:00:00Z", None, status="InProgress"),
        vault_job(21, "2025-12-24T11:00:00Z", None, status="InProgress", jobType="MabJob", backupManagementType="MAB"),
    ]
    return made


def test_every_vault_is_a_stream_and_every_page_is_read_of_each_kind_of_management(
    cloud: Cloud, vaults: Vaults
) -> None:
    with opened(KIND, cloud) as connector:
        assert [stream.name for stream in connector.streams()] == [GOLD, SILVER]
        found = jobs(connector, GOLD)
        assert found.keys() == {f"vm-{number}" for number in (*range(1, 9), 20, 21)}
        assert not jobs(connector, SILVER)
    asked = " ".join(one.query.get("$filter", "") for one in cloud.asked)
    for managed in ("AzureIaasVM", "AzureStorage", "AzureWorkload", "MAB", "DPM", "AzureBackupServer"):
        assert asked.count(f"backupManagementType eq '{managed}'") >= 2
    first = found["vm-1"]
    assert (first.state, first.start) == (JobState.Successful, ticks.from_iso("2026-02-08T02:00:00.1234567Z"))
    assert '"activityId": "00000000-0000-0000-0000-000000000001"' in first.raw
    assert found["vm-21"].state is JobState.InProgress


def test_only_vaults_that_are_named_are_read_and_a_name_that_is_none_is_told(cloud: Cloud, vaults: Vaults) -> None:
    with opened(KIND, cloud, vaults=("Silver",)) as connector:
        assert [stream.name for stream in connector.streams()] == [SILVER]
    with opened(KIND, cloud, vaults=("gild", "Silver")) as connector:
        assert [stream.name for stream in connector.streams()] == [SILVER, "gild"]
        assert not jobs(connector, SILVER)
        with pytest.raises(CannotReadError) as told:
            pages(connector, "gild")
    assert (
        str(told.value)
        == f"there is no vault 'gild' in the subscription {SUBSCRIPTION}: did you mean gold? There are gold, silver"
    )


def test_what_azure_asks_to_wait_for_an_error_in_mid_list_and_a_token_that_ended_are_borne(
    cloud: Cloud, vaults: Vaults
) -> None:
    cloud.trouble("skipToken", 429, "TooManyRequests", x_ms_retry_after_ms="20", times=2)
    cloud.trouble("skipToken", 500, "InternalServerError", after=1)
    cloud.trouble("skipToken", 401, "ExpiredAuthenticationToken", after=1)
    with opened(KIND, cloud) as connector:
        assert len(jobs(connector, GOLD)) == 10
    skipped = [one.query["$skipToken"] for one in cloud.asked if "$skipToken" in one.query]
    assert len(skipped) == len(set(skipped)) + 4


def test_a_page_that_comes_again_and_a_link_to_another_host_end_the_list(cloud: Cloud, vaults: Vaults) -> None:
    with served(Cloud()) as other, opened(KIND, cloud) as connector:
        cloud.link = lambda link: link.replace(cloud.base, other.base)
        with pytest.raises(CannotReadError, match="the next page is said to be on another host"):
            pages(connector, GOLD)
        cloud.trouble("backupJobs", 307, "Moved", Location=f"{other.base}/backupJobs")
        with pytest.raises(CannotReadError, match="on another host"):
            pages(connector, SILVER)
        assert not other.asked
        cloud.link = lambda link: link.replace("skipToken=6", "skipToken=3")
        with pytest.raises(CannotReadError, match="the vault backups/gold: the same page comes again after 6 items"):
            pages(connector, GOLD)


def test_what_is_still_unfinished_is_asked_for_by_itself_and_what_is_not_there_is_gone(
    cloud: Cloud, vaults: Vaults
) -> None:
    with opened(KIND, cloud) as connector:
        found = jobs(connector, GOLD)
        running, old = found["vm-20"], found["vm-21"]
        vaults.jobs["gold"] = [
            vault_job(21, "2025-12-24T11:00:00Z", END, status="Failed", jobType="MabJob", backupManagementType="MAB")
        ]
        told = pages(connector, GOLD, running, old)
    assert [page.gone for page in told if page.gone] == [[running.job_id]]
    assert [(job.job_id, job.state) for page in told for job in page.jobs] == [(old.job_id, JobState.Failed)]


def test_the_record_of_a_job_that_runs_says_the_same_until_something_changes(cloud: Cloud, vaults: Vaults) -> None:
    with opened(KIND, cloud) as connector:
        before = jobs(connector, GOLD)["vm-20"]
        vaults.jobs["gold"][8]["properties"]["duration"] = "PT1H"
        assert jobs(connector, GOLD)["vm-20"] == before
    assert "duration" not in before.raw


def test_a_vault_without_rights_is_no_data_of_that_vault_alone(
    cloud: Cloud, vaults: Vaults, store: Store, tenant: int, clock: Clock
) -> None:
    clock.now = NOW
    right = "Microsoft.RecoveryServices/Vaults/backupJobs/read"
    cloud.roles = {
        vault_id("gold"): (("Microsoft.RecoveryServices/Vaults/*", "*/permissions/read"), ()),
        vault_id("silver"): (("*/read",), (right,)),
    }
    with opened(KIND, cloud) as connector:
        assert missing(connector) == [(SILVER, right)]
    with signed_in(cloud):
        passed = collect(store, tenant, configured(KIND, cloud))
    assert [(one.stream, one.read, one.error) for one in passed.streams] == [
        (GOLD, 11, ""),  # one that runs comes by its start and by its state
        (SILVER, 0, f"access denied for {right} in the vault {SILVER}"),
    ]


def test_no_vault_for_want_of_a_right_is_no_data_and_a_subscription_without_vaults_is_none(cloud: Cloud) -> None:
    Vaults(cloud)
    with opened(KIND, cloud) as connector:
        assert connector.streams() == []
    cloud.roles = {f"/subscriptions/{SUBSCRIPTION}": (("Microsoft.Authorization/*/read",), ())}
    with opened(KIND, cloud) as connector:
        assert missing(connector) == [("", "Microsoft.RecoveryServices/Vaults/read")]
        with pytest.raises(CannotReadError, match=r"access denied for Microsoft\.RecoveryServices/Vaults/read"):
            connector.streams()
    cloud.trouble("permissions", 403, "AuthorizationFailed", times=2)
    with (
        opened(KIND, cloud) as connector,
        pytest.raises(CannotReadError, match=r"nothing is listed in .* cannot be asked"),
    ):
        connector.streams()


def test_jobs_that_change_between_two_looks_arrive_and_reading_twice_changes_nothing(
    cloud: Cloud, vaults: Vaults, store: Store, tenant: int, clock: Clock
) -> None:
    clock.now = NOW
    cloud.ahead = timedelta(hours=-2)
    with signed_in(cloud):
        first, again = (collect(store, tenant, configured(KIND, cloud)) for _ in range(2))
        assert (first.streams[0].created, again.streams[0].created, again.streams[0].updated) == (10, 0, 0)
        vaults.jobs["gold"][8] = vault_job(20, "2026-03-02T11:00:00Z", "2026-03-02T12:30:00Z", status="Cancelled")
        vaults.jobs["gold"].append(vault_job(22, "2026-02-28T20:00:00Z", END, status="CompletedWithWarnings"))
        clock.pass_by(3600)
        later = collect(store, tenant, configured(KIND, cloud))
    assert (later.streams[0].created, later.streams[0].updated) == (1, 1)


def test_who_may_not_sign_in_is_told_and_which_ways_there_are(cloud: Cloud, vaults: Vaults) -> None:
    with signed_in(cloud), pytest.MonkeyPatch.context() as patched:
        patched.setenv("IDENTITY_HEADER", "another")
        found = trial(configured(KIND, cloud), NOW)
    assert found.error.startswith("signing in to Azure failed")
    assert "AZURE_TENANT_ID" in found.error


def test_azure_is_not_changed_where_the_sdk_would_register_a_provider(cloud: Cloud, vaults: Vaults) -> None:
    cloud.trouble("Vaults", 409, "MissingSubscriptionRegistration")
    cloud.trouble("vaults", 409, "MissingSubscriptionRegistration")
    with opened(KIND, cloud) as connector, pytest.raises(CannotReadError) as told:
        connector.streams()
    assert str(told.value) == "the resource provider Microsoft.Sql is not registered in this subscription"
    assert {one.method for one in cloud.asked} == {"GET"}


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, "BadRequest", "Azure answers 400 (BadRequest) to Microsoft.RecoveryServices/Vaults/backupJobs/read in"),
        (404, "ResourceNotFound", "the vault backups/gold is not there"),
        (429, "TooManyRequests", "Azure is asked too often, and still wants a pause for"),
        (401, "InvalidAuthenticationToken", "Azure does not accept who signed in, for"),
    ],
)
def test_what_azure_refuses_for_good_is_told_in_words(
    cloud: Cloud, vaults: Vaults, status: int, code: str, said: str
) -> None:
    cloud.trouble("backupJobs", status, code, times=20, x_ms_retry_after_ms="1")
    with opened(KIND, cloud) as connector, pytest.raises(CannotReadError) as told:
        pages(connector, GOLD)
    assert str(told.value).startswith(said)


@pytest.mark.parametrize("pause", ["86400", "1e300", "soon", "nan"])
def test_a_pause_of_hours_holds_up_no_other_vault(cloud: Cloud, vaults: Vaults, pause: str) -> None:
    cloud.trouble("gold/backupJobs", 429, "TooManyRequests", Retry_After=pause, times=99)
    with opened(KIND, cloud) as connector, pytest.raises(CannotReadError, match="Azure is asked too often"):
        pages(connector, GOLD)


def test_a_record_that_is_none_hides_no_other(cloud: Cloud, vaults: Vaults) -> None:
    vaults.strange = True
    vaults.jobs["gold"][0]["properties"]["operation"] = 7
    with opened(KIND, cloud) as connector:
        found = pages(connector, GOLD)
    assert len({job.job_id for page in found for job in page.jobs}) == len(vaults.jobs["gold"]) - 1
    (said,) = {reason for page in found for reason in page.refused}
    assert said.startswith("a record of the vault backups/gold is not as Azure describes it: Expected `str")


@pytest.mark.parametrize("body", [{}, {"error": {"code": "ServerBusy", "message": "later"}}, {"value": None}])
def test_another_answer_than_a_list_is_no_empty_list(cloud: Cloud, vaults: Vaults, body: object) -> None:
    with opened(KIND, cloud) as connector:
        cloud.instead("backupJobs", body)
        with pytest.raises(CannotReadError, match="Azure's answer about the vault backups/gold is no list"):
            pages(connector, GOLD)
        cloud.instead("vaults", body)
        with pytest.raises(CannotReadError, match="is no list"):
            connector.streams()
