from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from domain.activity import Event
from domain.actors import Actor, Subject
from domain.ids import DocumentId
from domain.knowledge.documents import Document, DocumentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEvent(Event):
    """Something happened to a document; what it says is never told."""

    document_id: DocumentId
    kind: DocumentKind

    @property
    def subject(self) -> Subject:
        return Subject("document", self.document_id)

    @classmethod
    def of(cls, document: Document, *, by: Actor, at: datetime) -> Self:
        """What `by` did to the document."""
        return cls(workspace_id=document.workspace_id, actor=by, at=at, document_id=document.id, kind=document.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAdded(DocumentEvent):
    """It is there, and is to be processed."""

    type: ClassVar[str] = "document.added"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReplaced(DocumentEvent):
    """It was added again, with other content or described otherwise, and is to be processed again."""

    type: ClassVar[str] = "document.replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEdited(DocumentEvent):
    """It is described otherwise, and is to be processed again."""

    type: ClassVar[str] = "document.edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReindexRequested(DocumentEvent):
    """It is to be processed again as it is."""

    type: ClassVar[str] = "document.reindex_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIndexed(DocumentEvent):
    """It can be found."""

    type: ClassVar[str] = "document.indexed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFailed(DocumentEvent):
    """It could not be read."""

    type: ClassVar[str] = "document.failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRemoved(DocumentEvent):
    """It is gone with its files, and cannot be found any more."""

    type: ClassVar[str] = "document.removed"
