"""One module for each command of `chatcore`."""
