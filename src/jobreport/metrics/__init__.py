"""What a monitoring system is told of the service and of all backups, in the text format of Prometheus."""
