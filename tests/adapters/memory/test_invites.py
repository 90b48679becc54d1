from tests.contracts.invites import InvitesContract


class TestInvites(InvitesContract): ...
