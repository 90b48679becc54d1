"""Models behind Anthropic's messages."""
