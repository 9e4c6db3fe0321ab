"""restic with many snapshots in a repository."""

from typing import Any

import listing


def _snapshot(number: int) -> dict[str, Any]:
    name = f"{number:08x}" + "9235a5a1a1af8be388e1ab2569d6dd32de490c0f3343fa3ff796eaf9"
    at = f"20{10 + number % 15}-{1 + number % 12:02}-{1 + number % 28:02}T{number % 24:02}"
    return {
        "time": f"{at}:00:04.100759323+01:00",
        "tree": "0521da2e4b703d0d9cca1fe88b769839341ab06800e9735ec6e6c22740bd3a4f",
        "paths": ["/srv", "/etc"],
        "hostname": f"web-{number % 50}",
        "username": "root",
        "id": name,
        "short_id": name[:8],
    }


listing.run("restic", "config", {"version": 2, "id": "ffd886e9d674abed"}, _snapshot)
