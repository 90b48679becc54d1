"""What is known of a memory besides its words: blocks of a known shape, and tags."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self, TypedDict, TypeVar, cast

from domain.errors import Fault, Invalid
from domain.json import JsonValue
from domain.text import optional_text, text

Block = TypeVar("Block", "Emotion", "Goal", "Task")

MOST_TAGS = 20
TAG_LENGTH = 50


class GoalStatus(StrEnum):
    """Where a goal is."""

    ACTIVE = "active"
    REACHED = "reached"
    DROPPED = "dropped"


class TaskStatus(StrEnum):
    """Where a task is."""

    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Emotion:
    """What was felt: a word for it, how strongly (0 to 1), and about what."""

    label: str
    intensity: float | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What somebody wants to reach."""

    title: str
    status: GoalStatus = GoalStatus.ACTIVE
    due: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What somebody wants done."""

    title: str
    status: TaskStatus = TaskStatus.OPEN
    due: date | None = None


class EmotionChanges(TypedDict, total=False):
    """The fields of what was felt that a person writes."""

    label: str
    intensity: float | None
    about: str | None


class GoalChanges(TypedDict, total=False):
    """The fields of a goal that a person writes."""

    title: str
    status: GoalStatus
    due: date | None


class TaskChanges(TypedDict, total=False):
    """The fields of a task that a person writes."""

    title: str
    status: TaskStatus
    due: date | None


class MetadataChanges(TypedDict, total=False):
    """The blocks a person writes; None removes one."""

    emotion: EmotionChanges | None
    goal: GoalChanges | None
    task: TaskChanges | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryMetadata:
    """The blocks of a memory, each of which may be absent."""

    emotion: Emotion | None = None
    goal: Goal | None = None
    task: Task | None = None

    def checked(self) -> Self:
        """The same with its texts trimmed.

        Raises:
            Invalid: naming what is missing, too long or out of range.
        """
        return type(self)(
            emotion=_emotion(self.emotion) if self.emotion else None,
            goal=_goal(self.goal) if self.goal else None,
            task=_task(self.task) if self.task else None,
        )

    def merged(self, changes: MetadataChanges) -> Self:
        """The blocks with these fields changed.

        Raises:
            Invalid: a new block lacks its label or title.
        """
        merged = self
        if "emotion" in changes:
            merged = replace(merged, emotion=_merged("emotion", "label", Emotion, merged.emotion, changes["emotion"]))
        if "goal" in changes:
            merged = replace(merged, goal=_merged("goal", "title", Goal, merged.goal, changes["goal"]))
        if "task" in changes:
            merged = replace(merged, task=_merged("task", "title", Task, merged.task, changes["task"]))
        return merged

    def to_json(self) -> Mapping[str, JsonValue]:
        """What is stored: the blocks that there are."""
        blocks: dict[str, JsonValue] = {}
        if self.emotion:
            blocks["emotion"] = {
                "label": self.emotion.label,
                "intensity": self.emotion.intensity,
                "about": self.emotion.about,
            }
        for name, block in (("goal", self.goal), ("task", self.task)):
            if block:
                due = block.due.isoformat() if block.due else None
                blocks[name] = {"title": block.title, "status": str(block.status), "due": due}
        return blocks


def checked_tags(values: list[str]) -> tuple[str, ...]:
    """The tags, in lower case and each once.

    Raises:
        Invalid: there are more than 20, or one is empty or has more than 50 characters.
    """
    if len(values) > MOST_TAGS:
        raise Invalid(Fault("/tags", "too_many", f"At most {MOST_TAGS} tags."))
    return tuple(dict.fromkeys(text(value.lower(), at="/tags", least=1, most=TAG_LENGTH) for value in values))


def _merged(name: str, needed: str, kind: type[Block], block: Block | None, changes: object) -> Block | None:
    if changes is None:
        return None
    given = cast("dict[str, Any]", changes)
    if block is not None:
        return replace(block, **given)
    if needed not in given:
        raise Invalid(Fault(f"/metadata/{name}/{needed}", "required", f"A new {name} needs a {needed}."))
    return kind(**given)


def _emotion(emotion: Emotion) -> Emotion:
    at = "/metadata/emotion"
    if emotion.intensity is not None and not 0 <= emotion.intensity <= 1:
        raise Invalid(Fault(f"{at}/intensity", "out_of_range", "An intensity is a number from 0 to 1, or null."))
    return Emotion(
        label=text(emotion.label, at=f"{at}/label", least=1, most=100),
        intensity=emotion.intensity,
        about=optional_text(emotion.about, at=f"{at}/about", most=500),
    )


def _goal(goal: Goal) -> Goal:
    return Goal(title=text(goal.title, at="/metadata/goal/title", least=1, most=200), status=goal.status, due=goal.due)


def _task(task: Task) -> Task:
    return Task(title=text(task.title, at="/metadata/task/title", least=1, most=200), status=task.status, due=task.due)
