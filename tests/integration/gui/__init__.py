"""The desktop app, in real windows."""
