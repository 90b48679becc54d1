from tests.contracts.documents import DocumentsContract, DocumentViewsContract


class TestDocuments(DocumentsContract): ...


class TestDocumentViews(DocumentViewsContract): ...
