"""Asks a model again that could not answer at first."""
