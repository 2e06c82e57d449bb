"""What the app knows and decides, in plain Python: widgets only show it. Nothing here imports Qt."""
