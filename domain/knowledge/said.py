from datetime import datetime
from zoneinfo import ZoneInfo


def heading_of_said(name: str, at: datetime, timezone: str) -> str:
    """Who said something and on which day where it is read: "Ada, Saturday 21 November 2026"."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{name}, {local:%A} {local.day} {local:%B %Y}"
