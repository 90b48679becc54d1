class CannotStart(Exception):
    """Flightdeck cannot start here; the message is a sentence for whoever started it, and says what to do."""
