"""What `pgbackrest info --output=json` prints, as version 2.45 was seen to print it."""

from typing import Any

SYSTEM = 7_713_821_119_787_959_050
BEGAN = 1_796_013_939


def backup(number: int = 0, *, error: bool | None = False, repo: int = 1, kind: str = "full") -> dict[str, Any]:
    """A backup that took three seconds, `number` hours after the first."""
    start = BEGAN + number * 3600
    return {
        "archive": {"start": "000000010000000000000002", "stop": "000000010000000000000002"},
        "backrest": {"format": 5, "version": "2.45"},
        "database": {"id": 1, "repo-key": repo},
        "error": error,
        "info": {"delta": 22_992_349, "repository": {"delta": 3_043_527, "size": 3_043_527}, "size": 22_992_349},
        "label": f"20261130-{number:06}F"
        if kind == "full"
        else f"20261130-000000F_20261130-{number:06}{kind[0].upper()}",
        "lsn": {"start": "0/2000028", "stop": "0/2000100"},
        "prior": None,
        "reference": None,
        "timestamp": {"start": start, "stop": start + 3},
        "type": kind,
    }


def stanza(*backups: dict[str, Any], name: str = "demo", statuses: tuple[tuple[int, str], ...] = ()) -> dict[str, Any]:
    """A stanza with a repository for each status; left out: one that is good."""
    statuses = statuses or ((0, "ok") if backups else (2, "no valid backups"),)
    code, message = statuses[0] if len(set(statuses)) == 1 else (4, "different across repos")
    known = [number for number, (code, _) in enumerate(statuses, 1) if code in {0, 2}]
    return {
        "archive": [],
        "backup": list(backups),
        "cipher": "none",
        "db": [{"id": 1, "repo-key": number, "system-id": SYSTEM, "version": "15"} for number in known],
        "name": name,
        "repo": [
            {"cipher": "none", "key": number, "status": {"code": code, "message": message}}
            for number, (code, message) in enumerate(statuses, 1)
        ],
        "status": {"code": code, "lock": {"backup": {"held": False}}, "message": message},
    }
