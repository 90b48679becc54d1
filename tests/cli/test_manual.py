"""`flightdeck schema`: the tables as a page to read."""

from pathlib import Path

import pytest

from adapters.postgres.tables import REASONS, TENANTLESS, metadata
from tests.processes import environment, run


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("manual")
    done = run("schema", env=environment(folder / "home"), cwd=folder)
    assert (done.code, done.err) == (0, "")
    assert not (folder / "home").exists()
    return done.out


def section(page: str, table: str) -> str:
    return page.partition(f"\n## {table}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_each_table_is_told_with_all_it_consists_of_and_why(page: str, name: str) -> None:
    table, told = metadata.tables[name], section(page, name)
    assert REASONS[name] in told
    assert f"Has no workspace: {TENANTLESS[name]}." in told if name in TENANTLESS else "Has no workspace" not in told
    for column in table.c:
        assert f"\n| {column.name} | " in told
    for item in [each.name for each in table.constraints] + [each.name for each in table.indexes]:
        assert f"\n- `{item}`: " in told


def test_types_rules_and_keys_are_written_as_sql_writes_them(page: str) -> None:
    assert "| data | jsonb |  |" in section(page, "activity")
    assert "| causation_id | text | may be null |" in section(page, "activity")
    assert "- `pk_activity`: primary key (workspace_id, number)" in section(page, "activity")
    members = section(page, "members")
    assert "- `fk_members_workspace_id`: (workspace_id) refers to workspaces.id, on delete cascade" in members
    assert "unique, `(type, unique_key) WHERE status IN ('queued', 'running')`" in section(page, "jobs")
    assert "`octet_length(marks) = 8 * (last - first + 1)`" in section(page, "activity_seals")
