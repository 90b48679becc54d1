"""A loop whose time jumps: whatever waits for a while is told at once that the while is over."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

from typing_extensions import TypeVarTuple, Unpack, override

Result = TypeVar("Result")
Given = TypeVarTuple("Given")


class _JumpingSelector(selectors.DefaultSelector):
    jumped = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("Everything waits, and nothing will ever happen.")
        self.jumped += 0 if ready else timeout or 0
        return ready


class _JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    @override
    def time(self) -> float:
        return self._jumping.jumped

    @override
    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Given]], Result], *args: *Given
    ) -> asyncio.Future[Result]:
        # Time would jump while a thread works.
        done: asyncio.Future[Result] = self.create_future()
        done.set_result(func(*args))
        return done


def jump(main: Coroutine[Any, Any, Result]) -> Result:
    """What `main` returns, without waiting: time passes only while nothing can be done, and then at once."""
    with jumping() as runner:
        return runner.run(main)


def jumping() -> asyncio.Runner:
    """Runs one thing after the other so, while what was begun before goes on."""
    return asyncio.Runner(loop_factory=_JumpingLoop)
