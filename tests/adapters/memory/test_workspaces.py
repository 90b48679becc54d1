from tests.contracts.workspaces import MembersContract, WorkspacesContract, WorkspaceViewsContract


class TestWorkspaces(WorkspacesContract): ...


class TestMembers(MembersContract): ...


class TestWorkspaceViews(WorkspaceViewsContract): ...
