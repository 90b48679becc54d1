import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from entrypoints.supervisor.keep import keep
from entrypoints.supervisor.leash import Child


async def supervise(
    children: Sequence[Child],
    *,
    hurry: asyncio.Event | None = None,
    lock: int | None = None,
    beside: Callable[[], Awaitable[None]] | None = None,
) -> int:
    """Keep the children running until cancelled, or until one is not worth starting again: then its exit code.

    Either way all of them are stopped before this returns, at once when `hurry` is set. `beside` runs along with them
    (to tell when they are ready, say) and is cancelled with them; its error ends them and is raised.
    """
    keepers = [asyncio.create_task(keep(child, lock=lock, hurry=hurry)) for child in children]
    company = asyncio.create_task(_company(beside))
    try:
        done, _ = await asyncio.wait({*keepers, company}, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in (*keepers, company):
            task.cancel()
        await asyncio.gather(*keepers, company, return_exceptions=True)


async def _company(beside: Callable[[], Awaitable[None]] | None) -> int:
    if beside:
        await beside()
    await asyncio.Event().wait()  # until cancelled
    return 0


def run(main: Callable[[asyncio.Event], Coroutine[Any, Any, int]]) -> int:
    """Run `main(hurry)` in a new event loop until it returns its exit code or a signal ends it, which is 0.

    The first SIGINT, SIGTERM or SIGHUP cancels it; a further one sets `hurry`.
    """
    return asyncio.run(_until_signalled(main))


async def _until_signalled(main: Callable[[asyncio.Event], Coroutine[Any, Any, int]]) -> int:
    hurry = asyncio.Event()
    task = asyncio.create_task(main(hurry))

    def stop() -> None:
        if task.cancelling():
            hurry.set()
        else:
            task.cancel()

    for number in _stop_signals():
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        return 0


def _stop_signals() -> list[signal.Signals]:
    hang_up_ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # nohup asked for it
    return [signal.SIGINT, signal.SIGTERM, *([] if hang_up_ignored else [signal.SIGHUP])]
