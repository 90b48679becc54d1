from tests.contracts.workspaces import WorkspacesContract, WorkspaceViewsContract


class TestWorkspaces(WorkspacesContract): ...


class TestWorkspaceViews(WorkspaceViewsContract): ...
