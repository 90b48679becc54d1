"""Traces what models do, for OpenTelemetry."""
