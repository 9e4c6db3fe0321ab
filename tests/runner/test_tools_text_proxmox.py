"""Output of Proxmox's vzdump and proxmox-backup-client, in the words of their sources; what is read out of it.

Neither could be run here: what they print was made for these tests from the texts that their sources print.
"""

import pytest
from tool_runs import Case, assert_read_as

GUESTS = """INFO: starting new backup job: vzdump 101 102 --storage nas --mode snapshot
INFO: Starting Backup of VM 101 (qemu)
INFO: archive file size: 1.00GB
INFO: Finished Backup of VM 101 (00:02:30)
INFO: Starting Backup of VM 102 (lxc)
"""
WHOLE = GUESTS + "INFO: Finished Backup of VM 102 (00:00:10)\nINFO: Backup job finished successfully\n"
LOST = GUESTS + "ERROR: Backup of VM 102 failed - command 'tar' failed: exit code 2\n"
NONE = LOST.replace("INFO: Finished Backup of VM 101 (00:02:30)", "ERROR: Backup of VM 101 failed - no lock")
CLIENT = """Starting backup: host/web-1/2026-11-30T01:00:00Z
Client name: web-1
Upload directory '/' to 'backup@pbs@b1:store' as root.pxar.didx
root.pxar: had to backup 1.5 MiB of 3 MiB (compressed 1 MiB) in 0.50s
Upload config file '/etc/fstab' to 'backup@pbs@b1:store' as fstab.conf.blob
Duration: 1.02s
End Time: Mon Nov 30 01:00:02 2026
"""
CASES: dict[str, Case] = {
    "vzdump": ("vzdump 101 102", 0, "", WHOLE, "Successful", (0, 2, 0, 2), 1 << 30, "2 guests"),
    "vzdump lost a guest": (
        "vzdump 101 102",
        255,
        LOST,
        "job errors",
        "Exception",
        (1, 1, 0, 2),
        1 << 30,
        "VM 102 failed",
    ),
    "vzdump lost all": (
        "vzdump 101 102",
        255,
        NONE,
        "job errors",
        "Failed",
        (2, 0, 0, 2),
        1 << 30,
        "VM 101 failed - no",
    ),
    "vzdump warned": (
        "vzdump 101 102",
        0,
        "",
        WHOLE + "WARN: no efidisk configured",
        "Exception",
        (0, 2, 0, 2),
        1 << 30,
        "no efidisk",
    ),
    "vzdump is no root": ("vzdump 101", 255, "", "please run as root", "Failed", (1, 0, 0, 1), 0, "please run as root"),
    "vzdump was stopped": (
        "vzdump 101 102",
        255,
        "",
        GUESTS + "ERROR: Backup of VM 102 failed - interrupted by signal\n",
        "Stopped",
        (1, 1, 0, 2),
        1 << 30,
        "interrupted by signal",
    ),
    "proxmox-backup-client": (
        "proxmox-backup-client backup root.pxar:/ fstab.conf:/etc/fstab",
        0,
        CLIENT,
        "",
        "Successful",
        (0, 2, 0, 2),
        3 << 20,
        "host/web-1/2026-11-30T01:00:00Z, 2 archives",
    ),
    "proxmox-backup-client could not open a file": (
        "proxmox-backup-client backup root.pxar:/ fstab.conf:/etc/fstab",
        0,
        CLIENT,
        'failed to open file: "shadow": access denied',
        "Exception",
        (1, 2, 0, 3),
        3 << 20,
        "access denied",
    ),
    "proxmox-backup-client fails": (
        "proxmox-backup-client backup root.pxar:/",
        255,
        CLIENT.partition("root.pxar: had")[0],
        "Error: connection reset",
        "Failed",
        (1, 0, 0, 1),
        0,
        "connection reset",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_output_is_read_as(case: str) -> None:
    assert_read_as(CASES[case])
