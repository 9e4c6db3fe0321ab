"""What the kinds `pve` and `pbs` share: the API that Proxmox VE and Proxmox Backup Server both speak, and its tasks."""
