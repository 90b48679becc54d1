"""What the application needs from outside, one file per need: protocols whose docstrings are contracts."""
