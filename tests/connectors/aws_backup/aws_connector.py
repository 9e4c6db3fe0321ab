"""A connector that reads AWS Backup, as `jobreport.toml` would name it."""

from typing import Any

from fakes.aws.aws_records import REGION

from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.aws_backup import KIND, Settings


def wanted(*lists: str, **settings: Any) -> Configured:
    """A connector that reads these lists, or the backups; of one region if no other is named."""
    told = {"regions": (REGION,), "lists": lists or ("backup-jobs",)} | settings
    return Configured(name="prod", kind=KIND, every=300, tenant="default", settings=Settings(**told))
