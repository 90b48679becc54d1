"""How much is tried of what can be tried without end: `make soak` sets SOAK, and tries the large numbers."""

import os

SOAK = os.environ.get("SOAK", "0") != "0"


def amount(usual: int, soak: int) -> int:
    """`usual` of them in the suite, `soak` of them in `make soak`."""
    return soak if SOAK else usual
