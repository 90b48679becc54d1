"""Carries requests to models' servers."""
