"""The command line of chatcore: `chatcore serve`, `chatcore connect`, `chatcore schema`."""
