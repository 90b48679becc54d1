from datetime import UTC, datetime

from adapters.postgres.words import keys_of, shelf, shelves
from domain.ids import WorkspaceId, new_id
from domain.knowledge import Filters, SourceKind

AT = datetime(2026, 3, 2, tzinfo=UTC)


def test_what_visitors_say_is_kept_apart_so_that_other_searches_do_not_pass_it() -> None:
    workspace_id = WorkspaceId(new_id(AT))
    keys = {kind: keys_of(shelf(workspace_id, kind), ["boat"]) for kind in SourceKind}
    visitors = keys.pop(SourceKind.VISITOR_MESSAGE)
    assert visitors not in keys.values()
    assert len({tuple(each) for each in keys.values()}) == 1
    assert shelves(Filters.of_visitors(workspace_id, AT)) == [shelf(workspace_id, SourceKind.DOCUMENT)]
    assert len(shelves(Filters(workspace_id=workspace_id, kinds=frozenset(), at=AT))) == 2
