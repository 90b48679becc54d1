from collections.abc import Mapping
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.run_log import LogLost, RunLog, StaleAttempt
from domain.conversations import (
    Frame,
    FrameEvent,
    FrameId,
    Run,
    Step,
    TextAdded,
    ToolAnswered,
    ToolCalled,
    end_of,
    retold,
)
from domain.jobs import LeaseLost
from domain.json import JsonValue
from domain.prompts import ToolCall
from domain.text import readable

PATIENCE = timedelta(seconds=2)
REPLY_LENGTH = 40_000
ARGUMENT_LENGTH = 2_000


class Draft:
    """The reply as it grows: everything added is shown live, and `run` holds all of it.

    When the live log is lost, it is begun anew with all that a late reader must see; while it cannot be reached, the
    reply goes on without it.
    """

    def __init__(self, run: Run, log: RunLog, clock: Clock) -> None:
        self.run = run
        self._log = log
        self._clock = clock
        self._lost = False
        self._silent_until = run.created_at

    async def begin(self) -> None:
        """Announces the attempt.

        Raises:
            LeaseLost: a newer attempt is being made.
        """
        await self._show(retold(self.run), anew=True)

    @property
    def is_full(self) -> bool:
        """Whether no more text fits."""
        return len(self.run.text) >= REPLY_LENGTH

    async def write(self, text: str) -> None:
        """Adds text, as far as it fits and can be stored.

        Raises:
            LeaseLost: a newer attempt is being made.
        """
        told = self.run.text
        chunk = readable(text)[: REPLY_LENGTH - len(told)]
        if chunk:
            self.run = self.run.with_progress(told + chunk, self.run.steps, self.run.last_sequence)
            await self._show((TextAdded(text_chunk=chunk, offset=len(told)),))

    async def call(self, call: ToolCall) -> None:
        """Shows that a tool is called.

        Raises:
            LeaseLost: a newer attempt is being made.
        """
        await self._show((ToolCalled(id=self._call_id, tool=call.tool, args=_json(call.args)),))

    async def answer(self, call: ToolCall, output: JsonValue, *, failed: bool) -> None:
        """Adds a tool's answer.

        Raises:
            LeaseLost: a newer attempt is being made.
        """
        status = "error" if failed else "ok"
        offset, identifier = len(self.run.text), self._call_id
        step = Step(id=identifier, tool=call.tool, args=_json(call.args), offset=offset, status=status, output=output)
        self.run = self.run.with_progress(self.run.text, (*self.run.steps, step), self.run.last_sequence)
        error = ToolAnswered(id=identifier, status=status, error=str(output))
        await self._show((error if failed else ToolAnswered(id=identifier, status=status, data=output),))

    def counting_end(self) -> Run:
        """The run with a sequence that counts the end, which is still to be announced."""
        return self.run.with_progress(self.run.text, self.run.steps, self.run.last_sequence + 1)

    async def end(self, ended: Run) -> None:
        """Announces the end of the run, which has been saved as `ended`. A reader who misses it is told by others."""
        if self._lost:  # the log may hold the beginning alone, and an end would hide what is missing
            return
        frame = Frame(FrameId(ended.turn, ended.attempt, ended.last_sequence), end_of(ended))
        try:
            await self._log.append(ended.id, (frame,))
        except (LogLost, StaleAttempt):
            return

    @property
    def _call_id(self) -> str:
        # Not the model's own id: some repeat theirs, or give none, and readers are shown each id once.
        return f"call_{len(self.run.steps) + 1}"

    async def _show(self, events: tuple[FrameEvent, ...], *, anew: bool = False) -> None:
        if self._lost:
            await self._begin_anew(events)
            return
        try:
            await self._append(events, anew=anew)
        except LogLost:
            await self._begin_anew(events)

    async def _begin_anew(self, events: tuple[FrameEvent, ...]) -> None:
        self._lost = True
        if self._clock.now() < self._silent_until:
            return
        calls = tuple(event for event in events if isinstance(event, ToolCalled))  # a step is retold once answered
        try:
            await self._append((*retold(self.run), *calls), anew=True)
            self._lost = False
        except LogLost:
            self._silent_until = self._clock.now() + PATIENCE

    async def _append(self, events: tuple[FrameEvent, ...], *, anew: bool) -> None:
        run = self.run
        first = run.last_sequence + 1
        frames = [
            Frame(FrameId(run.turn, run.attempt, sequence), event) for sequence, event in enumerate(events, first)
        ]
        self.run = run.with_progress(run.text, run.steps, run.last_sequence + len(frames))
        try:
            await self._log.append(run.id, frames, anew=anew)
        except StaleAttempt as error:
            raise LeaseLost from error


def _json(args: Mapping[str, object] | None) -> Mapping[str, JsonValue]:
    kept = ((readable(name), value) for name, value in (args or {}).items())
    return {
        name: readable(value)[:ARGUMENT_LENGTH] if isinstance(value, str) else value
        for name, value in kept
        if isinstance(value, str | int | float | bool)
    }
