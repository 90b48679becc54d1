from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from domain.conversations import Frame
from domain.ids import RunId


class LogLost(Exception):
    """The log of the run is not there any more: begin it anew, with what a late reader must see."""


class StaleAttempt(Exception):
    """A newer attempt writes this log: whoever writes the older one is to stop."""


class SlowReader(Exception):
    """The reader let more than its buffer pile up, and is dropped; it can come back and resume."""


class RunReader(Protocol):
    """One who follows a run."""

    async def next(self, timeout: float) -> Frame | None:  # noqa: ASYNC109 (silence is no error)
        """The next frame, or None after `timeout` seconds of silence; with 0 what is there already.

        Raises:
            SlowReader: more frames were waiting than a reader may let pile up.
        """
        ...


class RunLog(Protocol):
    """The live frames of runs, kept for an hour; the truth about a run is in the database.

    While the log's store cannot be reached, `follow` is silent and `append` raises `LogLost`.
    """

    async def append(self, run_id: RunId, frames: Sequence[Frame], *, anew: bool = False) -> None:
        """Adds frames at the end; their ids ascend and are above all in the log.

        Args:
            run_id: whose log.
            frames: one or more.
            anew: these begin an attempt, or a log that was lost; the log need not exist.

        Raises:
            LogLost: the log is not there (and not `anew`), or cannot be reached; followers may have got the frames.
            StaleAttempt: the log holds a frame of a later attempt, or with these ids.
        """
        ...

    def follow(self, run_id: RunId) -> AbstractAsyncContextManager[RunReader]:
        """A reader of all frames in the log and then of those to come: in order, each once, none left out."""
        ...

    async def drop(self, run_ids: Sequence[RunId]) -> None:
        """Forgets the logs. Never raises; what cannot be reached expires."""
        ...
