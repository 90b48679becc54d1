"""What every HTTP request passes through; nothing here knows a use case."""
