"""Asks one model after the other until one answers."""
