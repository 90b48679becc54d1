"""Pages and what they load, served by us; no build step, nothing from elsewhere."""
