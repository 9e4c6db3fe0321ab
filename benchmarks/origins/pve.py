"""A node of Proxmox VE with many runs of vzdump, each with a log that is read."""

import program
from fakes.proxmox_server import Cluster
from proxmox_tasks import reading, serving

GUEST = (
    *(
        "INFO: Starting Backup of VM {0} (qemu)",
        "INFO: Backup started at {{began}}",
        "INFO: status = running",
    ),
    *("INFO: VM Name: web-{0}", "INFO: archive file size: 1.50GB", "INFO: Finished Backup of VM {0} (00:02:30)"),
)
COMMAND = "INFO: starting new backup job: vzdump 101 102 --storage nas --mode snapshot --quiet 1"
LOG = [COMMAND, *(line.format(number) for number in (101, 102) for line in GUEST), "TASK OK"]

program.run(serving(Cluster(), "vzdump", "", LOG), reading(Cluster(), "pve1", logs=True))
