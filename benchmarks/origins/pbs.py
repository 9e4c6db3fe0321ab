"""A Proxmox Backup Server with many backups."""

import program
from fakes.proxmox_server import BackupServer
from proxmox_tasks import reading, serving

program.run(serving(BackupServer(), "backup", "store1:vm/{}", None), reading(BackupServer(), "localhost", logs=False))
