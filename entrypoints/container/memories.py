from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.memories.add_memory import AddMemory
from application.memories.audit_memories import AuditMemories
from application.memories.change_memory import EditMemory, RemoveMemory, UndoMemory
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
from application.memories.export_memories import ExportMemories
from application.memories.extract import Extract
from application.memories.find_similar import FindSimilar
from application.memories.import_memories import ImportMemories
from application.memories.index_abandoned import IndexAbandoned
from application.memories.link_similar import SimilarLinker
from application.memories.look_up import LookUp
from application.memories.prune_memories import MemoryPruner
from application.memories.read_memories import ListMemories, ReadHistory, ReadMemory
from application.memories.read_profile import ReadProfile
from application.memories.rebuild_profile import ProfileRebuilder
from application.memories.remember_conversation import ConversationRememberer
from application.memories.retention import EditMemoryRetention, MemoryRedater, ReadMemoryRetention
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


class Memories(DeclarativeContainer):
    """What is remembered, in which collections, and for how long."""

    ports = given(Ports)

    find_similar = Factory(FindSimilar, search=ports.passage_search, views=ports.memory_views)
    list_memories = Factory(ListMemories, views=ports.memory_views, clock=ports.clock)
    read_memory = Factory(ReadMemory, views=ports.memory_views, clock=ports.clock)
    read_history = Factory(ReadHistory, views=ports.memory_views, clock=ports.clock)
    add_memory = Factory(
        AddMemory, begin=ports.begin, views=ports.memory_views, find_similar=find_similar, clock=ports.clock
    )
    edit_memory = Factory(EditMemory, begin=ports.begin, clock=ports.clock)
    remove_memory = Factory(RemoveMemory, begin=ports.begin, clock=ports.clock)
    undo_memory = Factory(UndoMemory, begin=ports.begin, clock=ports.clock)
    read_memory_retention = Factory(ReadMemoryRetention, views=ports.memory_views)
    edit_memory_retention = Factory(EditMemoryRetention, begin=ports.begin, clock=ports.clock)
    redate_memories = Factory(MemoryRedater, begin=ports.begin)
    import_memories = Factory(ImportMemories, begin=ports.begin, clock=ports.clock)
    export_memories = Factory(
        ExportMemories, views=ports.memory_views, collections=ports.collection_views, clock=ports.clock
    )
    audit_memories = Factory(AuditMemories, views=ports.memory_audit_views, clock=ports.clock)
    read_profile = Factory(ReadProfile, views=ports.memory_profile_views, clock=ports.clock)
    link_similar = Factory(
        SimilarLinker, begin=ports.begin, views=ports.memory_views, find_similar=find_similar, clock=ports.clock
    )
    rebuild_profile = Factory(ProfileRebuilder, begin=ports.begin, clock=ports.clock)
    extract = Factory(Extract, begin=ports.begin, models=ports.language_models, prices=ports.prices, clock=ports.clock)
    look_up = Factory(
        LookUp, search=ports.passage_search, memories=ports.memory_views, collections=ports.collection_views
    )
    remember_conversation = Factory(
        ConversationRememberer,
        begin=ports.begin,
        views=ports.conversation_views,
        extract=extract,
        look_up=look_up,
        clock=ports.clock,
    )
    index_abandoned = Factory(IndexAbandoned, clock=ports.clock)
    prune_memories = Factory(
        MemoryPruner,
        begin=ports.begin,
        views=ports.pruning_views,
        deleted=ports.deleted_memories,
        clock=ports.clock,
    )

    list_collections = Factory(ListCollections, views=ports.collection_views)
    read_collection = Factory(ReadCollection, views=ports.collection_views)
    add_collection = Factory(AddCollection, begin=ports.begin, clock=ports.clock)
    edit_collection = Factory(EditCollection, begin=ports.begin, clock=ports.clock)
    remove_collection = Factory(RemoveCollection, begin=ports.begin, clock=ports.clock)
    put_into_collection = Factory(PutIntoCollection, begin=ports.begin, clock=ports.clock)
    take_from_collection = Factory(TakeFromCollection, begin=ports.begin, clock=ports.clock)
    reorder_collection = Factory(ReorderCollection, begin=ports.begin, clock=ports.clock)
