from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from application.memories.collections import (
    AddCollection,
    EditCollection,
    ListCollections,
    PutIntoCollection,
    ReadCollection,
    RemoveCollection,
    ReorderCollection,
    TakeFromCollection,
)
from application.ports.collections import CollectionSummaryView, CollectionView
from domain.access import Caller, Permission
from domain.ids import CollectionId, MemoryId, WorkspaceId
from domain.memories import CollectionKind
from domain.memories.collections import MOST_MEMORIES
from domain.pages import Page
from entrypoints.http.changes import Body, given
from entrypoints.http.paging import DEFAULT_LIMIT, Cursor, Limit

READ = {"permission": Permission.MEMORY_READ}
WRITE = {"permission": Permission.MEMORY_WRITE}


class NewCollection(Body, frozen=True):
    """A collection of the kind `free` unless said otherwise."""

    name: str
    kind: CollectionKind | UnsetType = UNSET
    description: str | UnsetType | None = UNSET


class CollectionPatch(Body, frozen=True):
    """The fields to change; absent ones stay, null empties the description."""

    name: str | UnsetType = UNSET
    kind: CollectionKind | UnsetType = UNSET
    description: str | UnsetType | None = UNSET


class CollectionOrder(Body, frozen=True):
    """The ids of all memories of the collection, in their new order."""

    ids: Annotated[Sequence[UUID], Meta(max_length=MOST_MEMORIES)]


@get("/workspaces/{workspace_id:uuid}/collections", opt=READ)
async def get_collections(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    list_collections: NamedDependency[ListCollections],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[CollectionSummaryView]:
    """Your collections of memories in the workspace, newest first."""
    return await list_collections(caller, WorkspaceId(workspace_id), cursor, limit)


@post("/workspaces/{workspace_id:uuid}/collections", opt=WRITE)
async def post_collection(
    caller: NamedDependency[Caller],
    workspace_id: FromPath[UUID],
    data: JSONBody[NewCollection],
    add_collection: NamedDependency[AddCollection],
) -> CollectionView:
    """Make a collection, which nobody else sees; its name is one that none of your others has in the workspace."""
    return await add_collection(caller, WorkspaceId(workspace_id), given(data))


@get("/collections/{collection_id:uuid}", opt=READ)
async def get_collection(
    caller: NamedDependency[Caller], collection_id: FromPath[UUID], read_collection: NamedDependency[ReadCollection]
) -> CollectionView:
    """A collection of yours, with the ids of its memories in order; those that are deleted are left out."""
    return await read_collection(caller, CollectionId(collection_id))


@patch("/collections/{collection_id:uuid}", opt=WRITE)
async def patch_collection(
    caller: NamedDependency[Caller],
    collection_id: FromPath[UUID],
    data: JSONBody[CollectionPatch],
    expected_version: NamedDependency[int | None],
    edit_collection: NamedDependency[EditCollection],
) -> CollectionView:
    """Change some fields of a collection of yours."""
    return await edit_collection(caller, CollectionId(collection_id), given(data), expected_version)


@delete("/collections/{collection_id:uuid}", opt=WRITE)
async def delete_collection(
    caller: NamedDependency[Caller],
    collection_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    remove_collection: NamedDependency[RemoveCollection],
) -> None:
    """Remove a collection of yours; its memories stay."""
    await remove_collection(caller, CollectionId(collection_id), expected_version)


@put("/collections/{collection_id:uuid}/memories/{memory_id:uuid}", opt=WRITE)
async def put_collection_memory(
    caller: NamedDependency[Caller],
    collection_id: FromPath[UUID],
    memory_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    put_into_collection: NamedDependency[PutIntoCollection],
) -> CollectionView:
    """Put a memory of yours at the end of a collection, unless it is in it; a collection may hold 1,000."""
    return await put_into_collection(caller, CollectionId(collection_id), MemoryId(memory_id), expected_version)


@delete("/collections/{collection_id:uuid}/memories/{memory_id:uuid}", opt=WRITE)
async def delete_collection_memory(
    caller: NamedDependency[Caller],
    collection_id: FromPath[UUID],
    memory_id: FromPath[UUID],
    expected_version: NamedDependency[int | None],
    take_from_collection: NamedDependency[TakeFromCollection],
) -> None:
    """Take a memory out of a collection; the memory stays."""
    await take_from_collection(caller, CollectionId(collection_id), MemoryId(memory_id), expected_version)


@put("/collections/{collection_id:uuid}/order", opt=WRITE)
async def put_collection_order(
    caller: NamedDependency[Caller],
    collection_id: FromPath[UUID],
    data: JSONBody[CollectionOrder],
    expected_version: NamedDependency[int | None],
    reorder_collection: NamedDependency[ReorderCollection],
) -> CollectionView:
    """Put the memories of a collection in another order: each of them once."""
    ids = [MemoryId(memory_id) for memory_id in data.ids]
    return await reorder_collection(caller, CollectionId(collection_id), ids, expected_version)


ROUTES = (
    get_collections,
    post_collection,
    get_collection,
    patch_collection,
    delete_collection,
    put_collection_memory,
    delete_collection_memory,
    put_collection_order,
)
