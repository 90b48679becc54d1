"""The hand-made corpus and its questions, read from the files beside."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from uuid import NAMESPACE_OID, UUID, uuid5

from domain.ids import PassageId, UserId, WorkspaceId
from domain.knowledge import Passage, Source, SourceKind, Standing, passages_of
from domain.memories import Tier

_HERE = Path(__file__).parent
Key = str
_Sorts = Mapping[str, Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findable:
    """What is put into a search at once: the passages of a source, by the keys that questions name them with."""

    source: Source
    passages: Mapping[Key, Passage]
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All of them, as told at `now` to the reader."""

    now: datetime
    language: str
    sources: Sequence[Findable]

    @property
    def keys(self) -> Mapping[PassageId, Key]:
        return {passage.id: key for source in self.sources for key, passage in source.passages.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question, of a group and a sort in it, and the keys of the passages that answer it.

    Attributes:
        file: that it is in: `questions`, or `held_out`, on which nothing is tuned.
    """

    group: str
    sort: str
    text: str
    right: frozenset[Key]
    file: str

    @property
    def names(self) -> Sequence[str]:
        """Of what it is one of several."""
        return self.group, self.sort, self.file


def corpus(workspace_id: WorkspaceId, reader_id: UserId) -> Corpus:
    """The corpus in the workspace; the memories and turns are the reader's own. Its ids are always the same."""
    told = tomllib.loads((_HERE / "corpus.toml").read_text(encoding="utf-8"))
    written = told["written"]
    own = Standing(owner_id=reader_id, reader_id=reader_id, at=written)
    return Corpus(
        now=told["now"],
        language=told["language"],
        sources=[
            *(_document(workspace_id, each, Standing(at=written)) for each in told["documents"]),
            *(_memory(workspace_id, each, replace(own, tier=Tier(each["tier"]))) for each in told["memories"]),
            *(_turn(workspace_id, each, replace(own, at=each["at"])) for each in told["turns"]),
        ],
    )


def questions() -> Sequence[Question]:
    """All questions, in the order of the files."""
    return [question for file in ("questions", "held_out") for question in _questions(file)]


def _questions(file: str) -> Iterator[Question]:
    told = tomllib.loads((_HERE / f"{file}.toml").read_text(encoding="utf-8"))
    for group, given in told.items():
        sorts = cast("_Sorts", given if isinstance(given, dict) else {group: given})
        for sort, asked in sorts.items():
            for text, *right in asked:
                yield Question(group=group, sort=sort, text=text, right=frozenset(right), file=file)


def _document(workspace_id: WorkspaceId, told: Mapping[str, Any], standing: Standing) -> Findable:
    sections: Sequence[Mapping[str, str]] = told["sections"]
    written = "\n\n".join(f"## {each['heading']}\n\n{each['text']}" for each in sections)
    source = Source(SourceKind.DOCUMENT, _id(told["title"]))
    keys = {section["text"]: section["key"] for section in sections}
    return _findable(workspace_id, source, f"# {told['title']}\n\n{written}", keys, standing)


def _memory(workspace_id: WorkspaceId, told: Mapping[str, Any], standing: Standing) -> Findable:
    source = Source(SourceKind.MEMORY, _id(told["key"]))
    return _findable(workspace_id, source, told["text"], {told["text"]: told["key"]}, standing)


def _turn(workspace_id: WorkspaceId, told: Mapping[str, Any], standing: Standing) -> Findable:
    """What was said, under who said it and when, as conversations with a companion are indexed."""
    source = Source(SourceKind.MESSAGE, _id(told["key"]))
    found = _findable(workspace_id, source, told["text"], {told["text"]: told["key"]}, standing)
    name = "Companion" if told["by"] == "assistant" else "Maren"
    heading = f"{name}, {standing.at:%A} {standing.at.day} {standing.at:%B %Y}"
    return replace(found, passages={key: replace(each, heading=heading) for key, each in found.passages.items()})


def _findable(
    workspace_id: WorkspaceId, source: Source, text: str, keys: Mapping[str, Key], standing: Standing
) -> Findable:
    """The passages that the text is split into; each is to be one of those that have keys, whole.

    Raises:
        KeyError: the text was split in another way.
    """
    split = passages_of(workspace_id, source, text, standing.at)
    passages = {keys[passage.text]: passage for passage in split}
    held = {key: replace(passage, id=PassageId(_id(key))) for key, passage in passages.items()}
    if held.keys() != set(keys.values()):
        raise KeyError(sorted(set(keys.values()) - held.keys()))
    return Findable(source=source, passages=held, standing=standing)


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)
