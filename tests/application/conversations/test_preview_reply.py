import asyncio
from dataclasses import replace

import pytest

from adapters.memory.language_model import MemoryLanguageModels, ScriptedLanguageModel, Step
from adapters.memory.passage_search import MemoryDraftSearch
from adapters.offline.language_model import OfflineLanguageModel
from adapters.snowball.stemmer import SnowballStemmer
from application.conversations.preview_reply import PREVIEW_LENGTH, PreviewReply, PreviewReplyCommand, ReplyPreview
from application.ports.language_model import LanguageModel, ModelRefused, ModelUnavailable, StopReason, TextDelta
from application.ports.workspaces import WorkspaceView
from application.scheduling.services import AddService
from domain.access import Caller
from domain.conversations.preview import PreviewLimited, PreviewRefused, PreviewUnavailable
from domain.errors import DomainError, Forbidden, Invalid, NotFound
from domain.ids import new_id
from domain.knowledge import Source, SourceKind, Standing
from domain.pricing import PriceList
from domain.prompts import ToolCall
from domain.usage import UsageEntry
from tests.application.conversations.script import END
from tests.application.jumping import jump
from tests.application.knowledge.shelf import put
from tests.application.world import World

DRAFT = "# Opening hours\n\nWe are open on Mondays from 9 to 5.\n\n# Bicycles\n\nBicycles may be left in the yard."


class Owner:
    """The owner of a workspace, who tries its assistant out."""

    def __init__(self, world: World, caller: Caller, workspace: WorkspaceView) -> None:
        self.world = world
        self.caller = caller
        self.workspace = workspace

    async def preview(
        self,
        question: str = "When are you open?",
        draft: str | None = DRAFT,
        *,
        model: LanguageModel | None = None,
        caller: Caller | None = None,
    ) -> ReplyPreview:
        use_case = PreviewReply(
            begin=self.world.begin,
            retrieve=self.world.retrieve,
            drafts=MemoryDraftSearch(SnowballStemmer()),
            models=MemoryLanguageModels(model or OfflineLanguageModel()),
            prices=PriceList(),
            clock=self.world.clock,
        )
        command = PreviewReplyCommand(workspace_id=self.workspace.id, question=question, knowledge_base=draft)
        return await use_case(caller or self.caller, command)

    @property
    def ledger(self) -> list[UsageEntry]:
        return list(self.world.store.usage_entries.rows.values())


@pytest.fixture
async def owner(world: World) -> Owner:
    return Owner(world, *await world.owner())


async def test_the_answer_comes_from_the_draft_and_says_which_passages_it_had(owner: Owner) -> None:
    shown = await owner.preview()
    assert "Mondays from 9 to 5" in shown.text
    assert (shown.cut, shown.model) == (False, OfflineLanguageModel().name)
    best = shown.passages[0]
    assert (best.heading, best.text) == ("Opening hours", "We are open on Mondays from 9 to 5.")


async def test_without_a_draft_it_is_what_is_stored(world: World, owner: Owner) -> None:
    await world.edit(owner.caller, owner.workspace, {"knowledge_base": "We are open on Sundays only."})
    assert "Sundays only" in (await owner.preview(draft=None)).text
    assert "Sundays only" not in (await owner.preview(draft="")).text


async def test_other_documents_are_told_as_well_and_stand_behind_a_draft(world: World, owner: Owner) -> None:
    await world.edit(owner.caller, owner.workspace, {"knowledge_base": "We are open on Sundays only."})
    now = world.clock.now()
    leaflet = Source(SourceKind.DOCUMENT, new_id(now))
    await put(world, owner.workspace.id, leaflet, "In winter we are open at night.", Standing(at=now))

    drafted = [passage.text for passage in (await owner.preview()).passages]
    assert drafted[0] == "We are open on Mondays from 9 to 5."
    assert drafted[-1] == "In winter we are open at night."
    assert "We are open on Sundays only." not in drafted
    stored = {passage.text for passage in (await owner.preview(draft=None)).passages}
    assert stored == {"We are open on Sundays only.", "In winter we are open at night."}


async def test_what_is_stored_is_found_by_its_meaning_too(world: World, owner: Owner) -> None:
    knowledge = "\n\n".join(f"# Shelf {number}\n\nThere is a jar with the number {number}." for number in range(40))
    await world.edit(
        owner.caller, owner.workspace, {"knowledge_base": f"{knowledge}\n\n# Visitors\n\nBicyclists park."}
    )
    await world.embed()

    shown = await owner.preview("bicycle parking", draft=None)
    assert shown.passages[0].text == "Bicyclists park."


async def test_nothing_is_stored_but_what_it_took(world: World, owner: Owner) -> None:
    happened, knowledge = world.happened(), owner.workspace.knowledge_base
    told = replace(END, input_tokens=600, output_tokens=40)
    await owner.preview(model=ScriptedLanguageModel([TextDelta("Hello."), told]))
    stored = await world.workspaces.workspace(owner.workspace.id)
    assert stored
    assert (stored.knowledge_base, stored.version) == (knowledge, owner.workspace.version)
    assert (world.happened(), world.store.conversations.rows, world.store.messages.rows) == (happened, {}, {})
    (entry,) = owner.ledger
    assert (entry.input_tokens, entry.output_tokens, entry.estimated) == (600, 40, False)


async def test_the_model_is_asked_as_for_a_visitor_but_without_tools(world: World, owner: Owner) -> None:
    await AddService(world.begin, world.clock)(owner.caller, owner.workspace.id, {"name": "Portrait"})
    await world.edit(owner.caller, owner.workspace, {"assistant": {"instructions": "Rhyme."}})
    model = ScriptedLanguageModel([TextDelta("Hello."), END])
    await owner.preview("What is a portrait?", model=model)
    (prompt,) = model.prompts
    assert prompt.instructions.endswith("Rhyme.")
    assert [passage.heading for passage in prompt.passages] == ["Services", "Opening hours", "Bicycles"]
    assert model.tools == [()]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (ModelUnavailable("away"), PreviewUnavailable),
        (ModelRefused("no"), PreviewRefused),
        (replace(END, reason=StopReason.FILTER), PreviewRefused),
        (END, PreviewUnavailable),
    ],
)
async def test_a_model_that_does_not_answer_is_said_so(owner: Owner, step: Step, error: type[DomainError]) -> None:
    with pytest.raises(error):
        await owner.preview(model=ScriptedLanguageModel([step]))
    (entry,) = owner.ledger
    assert entry.output_tokens == 0


async def test_a_tool_that_was_not_offered_is_not_used(owner: Owner) -> None:
    call = ToolCall(id="a", tool="list_services", args={})
    shown = await owner.preview(model=ScriptedLanguageModel([TextDelta("We "), call, TextDelta("do."), END]))
    assert shown.text == "We do."


def test_a_model_that_hangs_is_given_up() -> None:
    async def main() -> None:
        world = World()
        owner = Owner(world, *await world.owner())
        with pytest.raises(PreviewUnavailable):
            await owner.preview(model=ScriptedLanguageModel([asyncio.Event()]))

    jump(main())


async def test_a_long_answer_is_cut_and_its_model_stopped(owner: Owner) -> None:
    model = ScriptedLanguageModel([TextDelta("x" * PREVIEW_LENGTH), TextDelta("y"), END])
    shown = await owner.preview(model=model)
    assert (shown.text, shown.cut, model.closed) == ("x" * PREVIEW_LENGTH, True, 1)
    (entry,) = owner.ledger
    assert entry.estimated


async def test_at_a_limit_the_model_is_not_asked(world: World, owner: Owner) -> None:
    await world.edit(owner.caller, owner.workspace, {"limits": {"tokens_per_day": 1}})
    await owner.preview(model=ScriptedLanguageModel([TextDelta("Hello."), replace(END, output_tokens=1)]))
    model = ScriptedLanguageModel()
    with pytest.raises(PreviewLimited):
        await owner.preview(model=model)
    assert (model.prompts, len(owner.ledger)) == ([], 1)


@pytest.mark.parametrize(
    ("question", "draft", "pointer"),
    [(" ", DRAFT, "/question"), ("x" * 2_001, DRAFT, "/question"), ("Open?", "\0", "/knowledge_base")],
)
async def test_what_cannot_be_asked_is_named(owner: Owner, question: str, draft: str, pointer: str) -> None:
    with pytest.raises(Invalid) as raised:
        await owner.preview(question, draft)
    assert [fault.pointer for fault in raised.value.faults] == [pointer]
    assert owner.ledger == []


async def test_only_those_who_may_edit_the_workspace_may_try_it(world: World, owner: Owner) -> None:
    with pytest.raises(NotFound):
        await owner.preview(caller=world.stranger())
    with pytest.raises(Forbidden):
        await owner.preview(caller=world.viewer(owner.workspace))
