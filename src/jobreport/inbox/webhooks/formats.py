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
