"""What opening the window needs: the screen, the menu of the desktop."""
