"""How a text becomes findable."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.knowledge.embed_passages import EmbedPassages
from application.ports.jobs import Jobs
from application.ports.passages import Passages
from application.ports.unit_of_work import UnitOfWork
from domain.ids import WorkspaceId
from domain.jobs import Job
from domain.knowledge import Source, Standing, passages_of


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be found, Markdown or plain text, and its language (BCP 47).

    Attributes:
        heading: what stands above all of it, though not in the text; empty when nothing does.
    """

    text: str
    language: str
    heading: str = ""


class IndexingWork(UnitOfWork, Protocol):
    """What makes a text findable touches."""

    passages: Passages
    jobs: Jobs


async def index(
    work: IndexingWork, workspace_id: WorkspaceId, source: Source, content: Content, standing: Standing, at: datetime
) -> int:
    """Has `source` found by its words with the commit, and by its meaning once a job has been there.

    Returns:
        How many passages it has now.
    """
    number = await find_by_words(work, workspace_id, source, content, standing, at)
    if number:
        await find_by_meaning(work, workspace_id, at)
    return number


async def find_by_words(
    work: IndexingWork, workspace_id: WorkspaceId, source: Source, content: Content, standing: Standing, at: datetime
) -> int:
    """As `index`, without the job, which one of many sources adds for all: `find_by_meaning`."""
    before = await work.passages.of(source)
    passages = await asyncio.to_thread(passages_of, workspace_id, source, content.text, at, before, content.heading)
    await work.passages.replace(workspace_id, source, passages, standing, content.language)
    return len(passages)


async def find_by_meaning(work: IndexingWork, workspace_id: WorkspaceId, at: datetime) -> None:
    """What the workspace has without vectors gets some; last in the unit, as others who add the job wait for it."""
    await work.jobs.add(Job.of(EmbedPassages(workspace_id=workspace_id), at))
