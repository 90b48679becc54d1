from dataclasses import replace

import pytest

from domain.errors import Forbidden, Invalid, NotFound, Stale
from domain.workspaces import HandleTaken, Tone
from tests.application.world import World


async def test_the_fields_sent_change_and_no_others(world: World) -> None:
    owner, before = await world.owner()
    after = await world.edit(owner, before, {"tone": Tone.FORMAL, "assistant": {"greeting": "Good day."}})

    assert (after.tone, after.assistant.greeting, after.version) == (Tone.FORMAL, "Good day.", 2)
    assert (after.handle, after.name, after.assistant.instructions) == (before.handle, before.name, "")
    assert await world.workspaces.workspace(before.id) == after
    told = world.events(before.id)[-1].data
    greeted: dict[str, object] = {"instructions": "", "greeting": "Good day.", "suggested_questions": [], "model": None}
    assert told["fields"] == ["assistant", "tone"]
    assert told["after"] == {"assistant": greeted, "tone": "formal"}
    assert told["before"] == {"assistant": {**greeted, "greeting": before.assistant.greeting}, "tone": "friendly"}


async def test_an_edit_of_nothing_changes_nothing(world: World) -> None:
    owner, before = await world.owner()
    happened = world.happened()

    assert await world.edit(owner, before, {}) == before
    assert world.happened() == happened


async def test_knowledge_is_found_by_the_commit_that_writes_it(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"knowledge_base": "# Prices\n\nA haircut costs 30 euros."})
    assert await world.find(workspace.id, "haircut") == ["A haircut costs 30 euros."]

    await world.edit(owner, workspace, {"knowledge_base": "# Prices\n\nA haircut costs 35 euros."})
    assert await world.find(workspace.id, "haircut") == ["A haircut costs 35 euros."]

    await world.edit(owner, workspace, {"knowledge_base": None})
    assert await world.find(workspace.id, "haircut") == []


async def test_knowledge_refused_leaves_the_index_as_it_was(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"knowledge_base": "A haircut costs 30 euros."})
    await world.owner("eve@example.com")

    with pytest.raises(HandleTaken):
        await world.edit(owner, workspace, {"knowledge_base": "All is free.", "handle": "eve"})

    assert await world.find(workspace.id, "haircut free") == ["A haircut costs 30 euros."]


async def test_a_change_of_language_indexes_anew_and_others_do_not(world: World) -> None:
    owner, workspace = await world.owner()
    await world.edit(owner, workspace, {"knowledge_base": "A haircut costs 30 euros."})
    (before,) = world.store.sources.rows.values()

    await world.edit(owner, workspace, {"name": "Hair"})
    assert list(world.store.sources.rows.values()) == [before]
    await world.edit(owner, workspace, {"language": "de"})
    assert list(world.store.sources.rows.values()) != [before]


async def test_whoever_expects_another_version_changes_nothing(world: World) -> None:
    owner, workspace = await world.owner()
    edit = world.edit_workspace
    await edit(owner, workspace.id, {"name": "First"}, 1)

    with pytest.raises(Stale):
        await edit(owner, workspace.id, {"name": "Second"}, 1)

    view = await world.workspaces.workspace(workspace.id)
    assert view
    assert view.name == "First"


async def test_every_wrong_field_is_named(world: World) -> None:
    owner, workspace = await world.owner()

    with pytest.raises(Invalid) as refused:
        await world.edit(owner, workspace, {"timezone": "Mars", "language": "?", "name": ""})

    assert [fault.pointer for fault in refused.value.faults] == ["/timezone", "/language", "/name"]


async def test_only_who_may_edits(world: World) -> None:
    _, workspace = await world.owner()

    with pytest.raises(NotFound):
        await world.edit(world.stranger(), workspace, {"name": "Mine"})
    with pytest.raises(Forbidden):
        await world.edit(world.viewer(workspace), workspace, {"name": "Mine"})
    assert world.happened() == ["workspace.created"]


async def test_only_a_configured_model_can_be_chosen(world: World) -> None:
    owner, workspace = await world.owner()
    chosen = await world.edit(owner, workspace, {"assistant": {"model": "scripted:other"}})
    assert chosen.assistant.model == "scripted:other"

    with pytest.raises(Invalid) as refused:
        await world.edit(owner, workspace, {"assistant": {"model": "scripted:unknown"}})
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/assistant/model", "unknown_model")
    assert fault.detail == "The configured models are: 'scripted:script', 'scripted:other'; or null."

    left = await world.edit(owner, workspace, {"assistant": {"model": None}})
    assert left.assistant.model is None


async def test_a_model_that_is_configured_no_more_hinders_no_other_change(world: World) -> None:
    owner, workspace = await world.owner()
    row = world.store.workspaces.rows[workspace.id]
    gone = replace(row, assistant=replace(row.assistant, model="scripted:gone"))
    world.store.workspaces.rows[workspace.id] = gone

    edited = await world.edit(owner, workspace, {"assistant": {"greeting": "Hi."}})

    assert (edited.assistant.greeting, edited.assistant.model) == ("Hi.", "scripted:gone")
