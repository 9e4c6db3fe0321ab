"""borg with many archives in a repository."""

from typing import Any

import listing


def _archive(number: int) -> dict[str, Any]:
    at = f"20{10 + number % 15}-{1 + number % 12:02}-{1 + number % 28:02}T{number % 24:02}"
    return {
        "archive": f"web-{at}:00",
        "barchive": f"web-{at}:00",
        "command_line": ["/usr/bin/borg", "create", "/srv/borg::web-{now}", "/srv", "/etc"],
        "comment": "",
        "end": f"{at}:14:04.000000",
        "hostname": f"web-{number % 50}",
        "id": f"{number:08x}" + "9235a5a1a1af8be388e1ab2569d6dd32de490c0f3343fa3ff796eaf9",
        "name": f"web-{at}:00",
        "start": f"{at}:00:04.000000",
        "time": f"{at}:00:04.000000",
        "username": "root",
    }


listing.run("borg", "--last", {"repository": {"id": "ffd886e9d674abed"}}, _archive, key="archives")
