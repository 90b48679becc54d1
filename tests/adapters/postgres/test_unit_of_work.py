from tests.contracts.unit_of_work import UnitOfWorkContract


class TestUnitOfWork(UnitOfWorkContract): ...
