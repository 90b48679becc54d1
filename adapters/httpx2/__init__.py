"""Carries requests: to models' servers, and to addresses that others have named."""
