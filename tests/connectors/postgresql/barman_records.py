"""What barman prints as JSON, in the fields and words of version 3.19, as it was seen to print them; and a barman that
prints it.
"""

import json
import stat
from pathlib import Path
from typing import Any

SYSTEM = "7713821119787959050"
BEGAN = 1_796_013_943
DONE = "20261130T044543"


def row(backup_id: str = DONE, status: str = "DONE", ended: int = BEGAN + 1) -> dict[str, Any]:
    """A backup in the list. One that is not copied yet, or failed, has no time."""
    found: dict[str, Any] = {"backup_id": backup_id, "backup_type": "full", "status": status}
    if status in {"DONE", "WAITING_FOR_WALS"}:
        found |= {
            "end_time": "Mon Nov 30 04:45:44 2026",
            "end_time_timestamp": str(ended),
            "retention_status": "-",
            "size": "38.1 MiB",
            "size_bytes": 39_906_573,
            "wal_size": "0 B",
            "wal_size_bytes": 0,
        }
    return found


def shown(backup_id: str = DONE, status: str = "DONE", ended: int = BEGAN + 1, **more: Any) -> dict[str, Any]:
    """The same backup, shown."""
    found: dict[str, Any] = {"backup_id": backup_id, "status": status, "system_id": SYSTEM}
    if status in {"DONE", "WAITING_FOR_WALS"}:
        found |= {
            "backup_type": "full",
            "base_backup_information": {
                "backup_method": "postgres",
                "backup_size_bytes": 23_129_357,
                "begin_time": "2026-11-30 04:45:43.513988+00:00",
                "begin_time_timestamp": str(ended - 1),
                "end_time_timestamp": str(ended),
            },
        }
    if status == "FAILED":
        found["error"] = "failure copying files (data transfer failure on directory '/b/main/data')"
    return found | more


class Barman:
    """A program that answers as barman does, from files. What it has no file for is wrong, as barman would say it."""

    def __init__(self, folder: Path) -> None:
        self._answers = folder / "answers"
        self._answers.mkdir()
        self._asked = folder / "asked"
        program = folder / "barman"
        program.write_text(
            f'#!/bin/sh\nshift 2\necho "$*" >> {self._asked}\ncd {self._answers}\n'
            'name=$(echo "$*" | tr " " _)\nif [ -f "$name" ]; then exec cat "$name"; fi\n'
            'echo "{\\"_ERROR\\": [\\"Unknown server \'$2\'\\"]}"\nexit 1\n'
        )
        program.chmod(stat.S_IRWXU)
        self.command = (str(program),)

    def has(self, server: str, *backups: tuple[dict[str, Any], dict[str, Any]], processes: str | None = "") -> None:
        """The server has these backups now, as listed and as shown, and this process; None: it cannot tell."""
        for file in self._answers.glob(f"show-backup_{server}_*"):
            file.unlink()
        self._answer("list-backups", server, answer={server: [listed for listed, _ in backups]})
        for listed, one in backups:
            self._answer("show-backup", server, listed["backup_id"], answer={server: one})
        running = self._answers / f"list-processes_{server}"
        if processes is None:
            running.unlink(missing_ok=True)
        else:
            running.write_text(json.dumps({server: [{"name": name, "pid": 7} for name in processes.split()]}))
        servers = {file.name.partition("_")[2]: {"description": ""} for file in self._answers.glob("list-backups_*")}
        self._answer("list-servers", answer={"_WARNING": ["No archiver enabled"], **servers})

    def has_lost(self, server: str) -> None:
        """The server is configured, and cannot be read any more."""
        (self._answers / f"list-backups_{server}").unlink()

    def _answer(self, *words: str, answer: dict[str, Any]) -> None:
        (self._answers / "_".join(words)).write_text(json.dumps(answer))

    def asked(self) -> list[str]:
        """What it was asked since the last time."""
        words = self._asked.read_text().splitlines()
        self._asked.unlink()
        return words
