"""Adapters around others that answer many who ask the same at once with one look."""
