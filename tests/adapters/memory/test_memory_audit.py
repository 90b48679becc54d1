from tests.contracts.memory_audit import MemoryAuditViewsContract


class TestMemoryAuditViews(MemoryAuditViewsContract): ...
