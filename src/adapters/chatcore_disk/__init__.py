"""What adapters that keep files share: files that nobody else may read, and folders whose names last."""
