from tests.contracts.former_members import FormerMembersContract


class TestFormerMembers(FormerMembersContract): ...
