"""The metrics of the service and of all backups, in the text format of Prometheus."""
