"""The table of all senders whose webhooks are known by their form: the last word of an address names one of them."""

from collections.abc import Mapping
from typing import Final

from jobreport.inbox.webhooks import (
    alerts,
    aws_backup,
    azure_monitor,
    backrest,
    duplicati,
    kopia,
    pbs,
    pve,
    veeam,
)
from jobreport.inbox.webhooks.base import Format
from jobreport.model.brings import Brings, brings
from jobreport.model.catalog import JobType, ServiceType
from jobreport.origins import aws_backup as aws
from jobreport.origins import azure_backup as azure
from jobreport.origins import veeam as veeam_words

FORMATS: Final[Mapping[str, Format]] = {
    "alertmanager": alerts.read,
    "aws-backup": aws_backup.read,
    "azure-monitor": azure_monitor.read,
    "backrest": backrest.read,
    "duplicati": duplicati.read,
    "grafana": alerts.read,
    "kopia": kopia.read,
    "pbs": pbs.read,
    "pve": pve.read,
    "veeam": veeam.read,
}
"""Those that need no settings. `sns.SnsReader` reads what SNS sends, for the topics that the operator names."""
BRINGS: Final[Mapping[str, Brings]] = {
    "aws-backup": aws.BRINGS,
    "azure-monitor": azure.BRINGS,
    "pve": brings((ServiceType.VM, JobType.Backup)),
    "veeam": veeam_words.BRINGS,
}
"""What those bring that say which service a job is of. Of the others it is the inbox's."""
