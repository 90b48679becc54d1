import logging
from collections.abc import Generator
from contextlib import contextmanager

from domain.errors import Unavailable

_LOG = logging.getLogger(__name__)


class Outage:
    """Keeps the worker's loops alive while what they need does not work, and says so once, not each second."""

    def __init__(self) -> None:
        self._failing: set[str] = set()

    @contextmanager
    def tolerated(self, doing: str) -> Generator[None, None, None]:
        """Within the block no error goes further; the first of a series is logged, a surprise with its traceback."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 (a loop that ends on an error would leave the worker deaf)
            if doing not in self._failing:
                self._failing.add(doing)
                expected = isinstance(error, Unavailable | TimeoutError)
                _LOG.warning("%s fails; trying again.", doing, exc_info=None if expected else error)
        else:
            if doing in self._failing:
                self._failing.discard(doing)
                _LOG.info("%s works again.", doing)
