"""An alert of Azure Monitor and the vault's own list tell of one backup: one job, whoever comes first."""

from typing import Any

import pytest
from azure_looks import NOW, configured, signed_in
from fakes.azure.cloud import SUBSCRIPTION, Cloud, served
from fakes.azure.vaults import Vaults, vault_id, vault_job

from clocks import Clock
from jobreport.connectors.collect import collect
from jobreport.connectors.kinds.azure_vault import KIND
from jobreport.identity import inboxes
from jobreport.identity.inboxes import Settings
from jobreport.inbox.deliver import deliver
from jobreport.inbox.webhooks import azure_monitor
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.query import JobQuery
from jobreport.store import Store
from webhook_samples import delivery


def alert(name: str) -> dict[str, Any]:
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {
                "alertRule": "Backup Failure",
                "monitorCondition": "Fired",
                "monitoringService": "Azure Backup",
                "alertTargetIDs": [vault_id("gold").upper()],
                "firedDateTime": "2026-03-02T11:00:00Z",
            },
            "alertContext": {"category": "Jobs", "sourceType": "VM", "extendedInfo": {"jobId": name.upper()}},
        },
    }


@pytest.mark.parametrize("alert_first", [True, False])
def test_a_backup_that_both_tell_of_is_one_job(store: Store, clock: Clock, alert_first: bool) -> None:
    clock.now = NOW
    failed = vault_job(1, "2026-03-02T02:00:00Z", "2026-03-02T03:00:00Z", status="Failed")
    assert store.tenant_id("one", create=True)
    inbox, _ = inboxes.create(store, "azure", Settings(), tenant="one", secret=None)
    with served(Cloud()) as cloud:
        Vaults(cloud, "gold").jobs["gold"] = [failed]

        def told_by_alert() -> None:
            reading = azure_monitor.read(delivery(alert(failed["name"])))
            deliver(store, inbox, reading, b"an alert", clock.now)

        def told_by_list() -> None:
            with signed_in(cloud):
                assert collect(store, inbox.tenant, configured(KIND, cloud)).whole

        for tell in (told_by_alert, told_by_list) if alert_first else (told_by_list, told_by_alert):
            tell()
            clock.pass_by(60)
    page = store.list_jobs(inbox.tenant, JobQuery())
    assert page.total == 1
    found = store.history(inbox.tenant, page.lines[0].job_id)
    assert found is not None
    job = found.current.job
    assert (job.state, job.service, job.type) == (JobState.Failed, ServiceType.VM, JobType.Backup)
    assert job.reference == f"azure:{SUBSCRIPTION}/backups/gold/{failed['name']}"
    assert job.job_id.startswith("inbox-") == alert_first
