"""What a workspace knows: texts split into passages that can be found, quoted and linked to their source."""

from domain.knowledge.answers import heading_of, with_answer
from domain.knowledge.documents import (
    FILE_BYTES,
    OWN_SCHEMES,
    TEXT_LENGTH,
    TITLE_LENGTH,
    Document,
    DocumentChanges,
    DocumentKind,
    DocumentNotReady,
    DocumentStatus,
    KnowledgeBaseDocument,
)
from domain.knowledge.events import (
    DocumentAdded,
    DocumentEdited,
    DocumentEvent,
    DocumentFailed,
    DocumentIndexed,
    DocumentReindexRequested,
    DocumentRemoved,
    DocumentReplaced,
)
from domain.knowledge.filters import Filters, Scope
from domain.knowledge.fusion import DEPTH, Parts, Weights, contenders, fused, recency, tier_worth, use
from domain.knowledge.page_address import page_address
from domain.knowledge.passages import (
    MOST_PASSAGES,
    Passage,
    Source,
    SourceKind,
    Standing,
    TooManyPassages,
    passages_of,
)
from domain.knowledge.pieces import Piece, split
from domain.knowledge.repeats import repeats
from domain.knowledge.said import heading_of_said
from domain.knowledge.sentences import sentences

__all__ = [
    "DEPTH",
    "FILE_BYTES",
    "MOST_PASSAGES",
    "OWN_SCHEMES",
    "TEXT_LENGTH",
    "TITLE_LENGTH",
    "Document",
    "DocumentAdded",
    "DocumentChanges",
    "DocumentEdited",
    "DocumentEvent",
    "DocumentFailed",
    "DocumentIndexed",
    "DocumentKind",
    "DocumentNotReady",
    "DocumentReindexRequested",
    "DocumentRemoved",
    "DocumentReplaced",
    "DocumentStatus",
    "Filters",
    "KnowledgeBaseDocument",
    "Parts",
    "Passage",
    "Piece",
    "Scope",
    "Source",
    "SourceKind",
    "Standing",
    "TooManyPassages",
    "Weights",
    "contenders",
    "fused",
    "heading_of",
    "heading_of_said",
    "page_address",
    "passages_of",
    "recency",
    "repeats",
    "sentences",
    "split",
    "tier_worth",
    "use",
    "with_answer",
]
