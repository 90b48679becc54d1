"""Counts what models do, for Prometheus."""
