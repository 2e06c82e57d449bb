"""What serving is for whoever hosts: running, telling the addresses, the services around it."""
