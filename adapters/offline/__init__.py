"""Answers without any model: by quoting what the workspace itself has written."""
