"""kopia with many snapshots in a repository."""

from typing import Any

import listing
from fakes.kopia.kopia_records import snapshot


def _snapshot(number: int) -> dict[str, Any]:
    at = f"20{10 + number % 15}-{1 + number % 12:02}-{1 + number % 28:02}T{number % 24:02}"
    source = {"host": f"web-{number % 50}", "userName": "root", "path": f"/srv/{number % 9}"}
    return snapshot(startTime=f"{at}:00:{number % 60:02}.{number:06}Z", endTime=f"{at}:14:32Z", source=source)


listing.run("kopia", "repository", {"uniqueIDHex": "ffd886e9d674abed"}, _snapshot)
