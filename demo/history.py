"""Invents the history of some companies, so that the monitor has a past to show beside the real backups."""

from typing import Final

from service import Service

JOBS: Final = 30_000
COMPANIES: Final = 6
"""The fewest of which the page of customers shows somebody who went silent, beside somebody who fails and some who do
not.
"""


def invent(service: Service) -> None:
    """Fills a tenant for each company, up to now, and says that nothing of it ran. The real backups stay alone in
    theirs.
    """
    print("\nInventing the history of some companies for the monitor …", flush=True)
    made = service.command("sample-data", "--jobs", f"{JOBS}", "--tenants", f"{COMPANIES}", "--until", "now")
    names = made["tenants"]
    print(
        f"  {made['jobs']:,} jobs of the tenants {names[0]} to {names[-1]} are invented: none of them ever ran.\n"
        "  The tenant default has only the real backups of above."
    )
