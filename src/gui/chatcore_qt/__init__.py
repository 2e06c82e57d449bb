"""The desktop app of chatcore (PyQt6)."""
