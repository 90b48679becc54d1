from tests.contracts.members import MemberViewsContract


class TestMemberViews(MemberViewsContract): ...
