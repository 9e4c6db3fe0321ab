"""The kind `aws-backup`: reads the backup, copy, restore and report jobs of AWS Backup in each region that is named.

The jobs are those of one account, or of all accounts of an organisation. AWS lists a job for 30 days. Each list needs
its own permissions. The SDK finds credentials in its own ways: the environment, a profile, the role of a machine.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

import msgspec

from jobreport.connectors.base import Kind
from jobreport.connectors.extra import needed
from jobreport.connectors.kinds.aws_backup.lists import LISTS, RIGHTS
from jobreport.connectors.kinds.aws_backup.reading import Account
from jobreport.model.brings import brings, together
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.sees import Sees
from jobreport.origins.aws_backup import BRINGS

_REGION: Final = re.compile(r"[a-z]{2,10}(-[a-z]{2,15}){1,3}-[0-9]{1,2}", re.ASCII)
_NAMES: Final = tuple(LISTS)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    regions: tuple[str, ...]
    accounts: Literal["", "*"] = ""
    lists: tuple[str, ...] = _NAMES
    profile: str = ""

    def __post_init__(self) -> None:
        for region in self.regions:
            if not _REGION.fullmatch(region):
                raise ValueError(
                    f'regions has {region!r}, which is none: name them as AWS does, such as "eu-central-1"'
                )
        for name in self.lists:
            if name not in LISTS:
                raise ValueError(f"lists has {name!r}; there are {', '.join(_NAMES)}")
        for field in ("regions", "lists"):
            named = getattr(self, field)
            if not named or len(set(named)) < len(named):
                raise ValueError(f"{field} must name at least one, and each once")


KEYS: Final = {
    "regions": 'The regions that are read, such as ["eu-central-1", "us-east-1"].',
    "accounts": 'Whose jobs: "*" for all accounts of the organisation, asked by its management account or a delegated '
    "administrator; left out: those of the account that asks.",
    "lists": f"What is read: {', '.join(_NAMES)}; by default all.",
    "profile": "The profile of the AWS configuration that gives the credentials; left out: as the SDK finds them.",
}


@contextmanager
def _open(settings: Settings) -> Iterator[Account]:
    with needed("aws"):
        from jobreport.connectors.kinds.aws_backup.client import Clients
    yield Account(
        Clients(settings.profile), settings.regions, [LISTS[name] for name in settings.lists], settings.accounts
    )


KIND: Final = Kind(
    name="aws-backup",
    about="AWS Backup: backup, copy, restore and report jobs, of an account or an organisation",
    sees=Sees.RUNS,
    settings=Settings,
    keys=KEYS,
    open=_open,
    brings=together([BRINGS, brings((ServiceType.Common, JobType.Report))]),
    rights=RIGHTS,
    extra="aws",
)
