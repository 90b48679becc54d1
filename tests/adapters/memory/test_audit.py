from tests.contracts.audit import AuditLogContract, AuditViewsContract


class TestAuditLog(AuditLogContract): ...


class TestAuditViews(AuditViewsContract): ...
