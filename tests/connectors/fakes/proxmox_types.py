"""What Proxmox declares of its API, as far as it is asked: the parameters of requests, and the members of answers with
their types.

Proxmox VE from the declarations in PVE/API2/Tasks.pm, Nodes.pm, Backup.pm (pve-manager 14a22df) and AccessControl.pm
(pve-access-control 5ccd07d); Proxmox Backup Server from src/api2/node/tasks.rs and src/api2/access (proxmox-backup
4940514) and the type TaskListItem (proxmox-rs f330500). Both refuse parameters that are not declared.
"""

import re
from typing import Any

from fakes.loopback import Reply, Request

TASKS_OF_VE = {
    **dict.fromkeys(("start", "limit", "since", "until", "vmid"), int),
    **dict.fromkeys(("userfilter", "typefilter", "statusfilter"), str),
    "errors": bool,
    "source": ("archive", "active", "all"),
}
TASKS_OF_BACKUP_SERVER = {
    **dict.fromkeys(("start", "limit", "since", "until"), int),
    **dict.fromkeys(("store", "userfilter", "typefilter", "statusfilter"), str),
    **dict.fromkeys(("running", "errors"), bool),
}
LINES = {"start": int, "limit": int, "download": bool}
PARAMETERS: dict[str, dict[str, dict[str, Any]]] = {
    "pve": {"tasks": TASKS_OF_VE, "log": LINES, "status": {}, "permissions": {"path": str, "userid": str}},
    "pbs": {
        "tasks": TASKS_OF_BACKUP_SERVER,
        "log": LINES | {"test-status": bool},
        "status": {},
        "permissions": {"path": str, "auth-id": str},
    },
}
PARAMETERS["pve"] |= {"nodes": {}, "backup": {}}

LINE = {"n": int, "t": str}
TASK = {"upid": str, "node": str, "pid": int, "pstart": int, "starttime": int}
LISTED = {
    "pve": (TASK | {"type": str, "id": str, "user": str}, {"endtime": int, "status": str, "tokenid": str}),
    "pbs": (TASK | {"worker_type": str, "worker_id": (str, type(None)), "user": str}, {"endtime": int, "status": str}),
}
SINGLE = (
    TASK | {"type": str, "id": (str, type(None)), "user": str, "status": str},
    {"exitstatus": str, "tokenid": str},
)
NODE = ({"node": str, "status": str, "type": str}, {"id": str, "uptime": int, "level": str})
BACKUP_JOB = (
    {"id": str},
    {
        **dict.fromkeys(("vmid", "storage", "mode", "pool", "exclude", "schedule", "node", "dumpdir", "type"), str),
        **dict.fromkeys(("all", "enabled", "next-run"), int),
    },
)


def refused(product: str, what: str, request: Request) -> Reply | None:
    """Returns what is answered to a request with parameters that are not declared, or not so; None to all others."""
    declared = PARAMETERS[product][what]
    wrong = {}
    for name, values in request.query.items():
        if name not in declared:
            wrong[name] = "property is not defined in schema and the schema does not allow additional properties"
        elif len(values) != 1 or not _is_a(declared[name], values[0]):
            wrong[name] = "type check failed"
    return Reply({"data": None, "errors": wrong}, 400) if wrong else None


def check(members: tuple[dict[str, Any], dict[str, Any]], item: dict[str, Any]) -> dict[str, Any]:
    """Returns an item of an answer. It must have what is declared, and no more."""
    required, optional = members
    assert required.keys() <= item.keys() <= required.keys() | optional.keys(), item
    for name, value in item.items():
        assert isinstance(value, (required | optional)[name]), (name, value)
    return item


def _is_a(declared: Any, value: str) -> bool:
    if declared is int:
        return bool(re.fullmatch(r"\d+", value))
    if declared is bool:
        return value in ("0", "1", "true", "false")
    return declared is str or value in declared
