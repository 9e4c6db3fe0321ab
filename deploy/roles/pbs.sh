#!/bin/sh
# On the Backup Server, as root: a user and a token of it that may see all tasks, and nothing else.
set -e
proxmox-backup-manager user create jobreport@pbs
proxmox-backup-manager acl update /system/tasks Audit --auth-id jobreport@pbs
proxmox-backup-manager user generate-token jobreport@pbs report
proxmox-backup-manager acl update /system/tasks Audit --auth-id 'jobreport@pbs!report'
