from typing import Any

from sqlalchemy import Connection, text

_TABLES = """
select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
  pg_get_expr(d.adbin, d.adrelid)
from pg_class c
  join pg_attribute a on a.attrelid = c.oid
  left join pg_attrdef d on (d.adrelid, d.adnum) = (c.oid, a.attnum)
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
"""
_CONSTRAINTS = """
select conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid)
from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
"""
_INDEXES = "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'"
_TRIGGERS = """
select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
"""
_FUNCTIONS = """
select p.proname, p.prosrc from pg_proc p
where p.pronamespace = 'public'::regnamespace
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
"""


def schema(connection: Connection) -> dict[str, set[tuple[Any, ...]]]:
    """All that migrations have made, but for Alembic's own table."""
    found = {
        "columns": _TABLES,
        "constraints": _CONSTRAINTS,
        "indexes": _INDEXES,
        "triggers": _TRIGGERS,
        "functions": _FUNCTIONS,
    }
    return {
        kind: {tuple(row) for row in connection.execute(text(query)) if row[0] != "alembic_version"}
        for kind, query in found.items()
    }
