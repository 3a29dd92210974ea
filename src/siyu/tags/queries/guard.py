"""SQL that people write: only one SELECT, on the tables their role may read, with functions that only compute.

What the engine's own parser makes of the text is looked at, not the text. Tables are given by name to the text as what
they hold as of the run; real ones can't be reached.
"""

# ruff: noqa: S608 - the text has been looked at; what is added are our own words and numbers

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from clickhouse_connect.driver.exceptions import DatabaseError

from siyu.audiences import Problem
from siyu.store import EventEngine
from siyu.tags.queries.scan import Source

TABLES: dict[str, frozenset[str]] = {
    "operator": frozenset({"events"}),
    "admin": frozenset({"events", "persons"}),
}
"""Role → tables. ``persons`` holds traits in clear."""
SECONDS, MEMORY = 20.0, 1 << 30
_SAFE = frozenset({
    "Arithmetic", "Arrays", "Bit", "Comparison", "Conditional", "Dates and Times", "Encoding", "Hash", "JSON",
    "Logical", "Map", "Mathematical", "Null", "Rounding", "String", "String Replacement", "String Search",
    "String Splitting", "Time Window", "Tuple", "Type Conversion", "URL",
})  # fmt: skip
"""Kinds of functions that compute and do nothing else."""
_NEVER = frozenset({
    "now", "now64", "nowinblock", "nowinblock64", "today", "yesterday", "current_timestamp", "current_date", "curdate",
    "utc_timestamp", "utctimestamp", "sleep", "sleepeachrow", "file", "gethostname", "hostname",
})  # fmt: skip
"""Of those, and by name: what differs from run to run."""
_PLAIN = frozenset({"lambda", "in", "notin", "tuple", "array", "cast", "_cast", "materialize"})
_ENDINGS = re.compile(r"(If|Array|Map|OrNull|OrDefault|Distinct|ForEach)+$")
_LINE = re.compile(r"^( *)(\w+)(?: (.*?))?(?: \(alias .*?\))?(?: \(children \d+\))?$")


class Node(msgspec.Struct):
    kind: str
    name: str
    depth: int
    children: list[Node] = []


def check(engine: EventEngine, sql: str, role: str) -> list[Problem]:
    """What is wrong with a text, found without running it."""
    if ";" in sql:
        return [Problem("sql", "sql_one_statement")]
    try:
        root = _tree(engine, sql)
    except DatabaseError as error:
        return [Problem("sql", "sql_unreadable", {"detail": _said(error)})]
    inner = _inside(root)
    if inner is None:
        return [Problem("sql", "sql_only_select")]
    faults = _faults(engine, inner, TABLES.get(role, frozenset()))
    return list({(one.code, str(one.params)): one for one in faults}.values())


def _tree(engine: EventEngine, sql: str) -> Node:
    lines = [str(row[0]) for row in engine.query(f"EXPLAIN AST SELECT * FROM (\n{sql}\n)", max_seconds=5)]
    root = Node("", "", -1, [])
    path = [root]
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        depth = len(match[1])
        node = Node(match[2], (match[3] or "").strip(), depth, [])
        while path[-1].depth >= depth:
            path.pop()
        path[-1].children.append(node)
        path.append(node)
    return root.children[0] if root.children else root


def _inside(root: Node) -> Node | None:
    """The text's own SELECT, given that it stands alone between the brackets it was put in."""
    node = root
    for kind in ("ExpressionList", "SelectQuery", "TablesInSelectQuery", "TablesInSelectQueryElement",
                 "TableExpression", "Subquery", "SelectWithUnionQuery"):  # fmt: skip
        found = [one for one in node.children if one.kind == kind]
        if len(found) != 1:
            return None
        node = found[0]
    return node


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _faults(engine: EventEngine, root: Node, tables: frozenset[str]) -> Iterator[Problem]:
    known = _functions(engine)
    for node in _walk(root):
        if node.kind in ("Set", "SetQuery"):
            yield Problem("sql", "sql_no_settings")
        elif node.kind == "WithElement":
            yield Problem("sql", "sql_no_with")
        elif node.kind == "TableIdentifier" and node.name.strip("`") not in tables:
            yield Problem("sql", "sql_table", {"name": node.name[:60], "known": ", ".join(sorted(tables)) or "—"})
        elif node.kind == "TableExpression":
            for child in node.children:
                if child.kind == "Function":
                    yield Problem(
                        "sql", "sql_table", {"name": f"{child.name}()"[:60], "known": ", ".join(sorted(tables))}
                    )
        elif node.kind == "Function":
            yield from _function(node, known)


def _no_table(name: str, tables: frozenset[str]) -> Problem:
    return Problem("sql", "sql_table", {"name": name[:60], "known": ", ".join(sorted(tables))})


def _function(node: Node, known: dict[str, bool]) -> Iterator[Problem]:
    name = node.name.lower()
    bare = _ENDINGS.sub("", node.name).lower()
    if not (known.get(name) or known.get(bare) or name in _PLAIN) or name in _NEVER:
        yield Problem("sql", "sql_function", {"name": node.name[:60]})
    if name in ("in", "notin", "globalin", "globalnotin") and node.children:
        arguments = node.children[0].children
        if len(arguments) > 1 and arguments[1].kind in ("Identifier", "TableIdentifier"):
            yield Problem("sql", "sql_table", {"name": arguments[1].name[:60], "known": "(SELECT …)"})


def _functions(engine: EventEngine) -> dict[str, bool]:
    """Function → whether it only computes. Aggregates do."""
    rows = list(engine.query("SELECT name, is_aggregate, categories, alias_to FROM system.functions"))
    safe = {
        str(name).lower(): bool(aggregate) or bool(set(str(categories).split(",")) & _SAFE)
        for name, aggregate, categories, _ in rows
    }
    return safe | {str(name).lower(): safe.get(str(alias).lower(), False) for name, _, _, alias in rows if alias}


def source(engine: EventEngine, sql: str, as_of: int) -> Source:
    """The checked text as a source, reading what had happened by ``as_of``."""
    moment = f"fromUnixTimestamp64Milli({as_of}, 'UTC')"
    events = f"""SELECT {engine.canonical()} AS person, time, toString(event) AS event, toString(source) AS source,
        amount, props FROM {engine.database}.events WHERE time <= {moment}"""
    persons = f"""SELECT person, created, entered, orders, revenue, first_order, last_order, channels, traits
        FROM {engine.database}.persons FINAL WHERE deleted = 0"""
    return Source(
        f"""SELECT toUInt64(person) AS person, ifNull(toString(value), '') AS value, emptyArrayString() AS items FROM (
        WITH events AS ({events}), persons AS ({persons}), {moment} AS as_of SELECT person, value FROM (
{sql}
)) WHERE person IN (SELECT person FROM {engine.database}.persons FINAL WHERE deleted = 0)"""
    )


def try_out(engine: EventEngine, sql: str, as_of: int) -> list[Problem]:
    """Run a checked text once: does it answer, and one row a person?"""
    try:
        rows = engine.query(
            f"SELECT count(), uniqExact(person), max(length(value)) FROM ({source(engine, sql, as_of).sql})",
            max_seconds=SECONDS,
            max_memory=MEMORY,
            settings={"readonly": 2},
        )
    except DatabaseError as error:
        return [Problem("sql", "sql_unreadable", {"detail": _said(error)})]
    number, different, longest = rows.one()
    if number != different:
        return [Problem("sql", "sql_one_row", {"rows": int(number), "persons": int(different)})]
    return [Problem("sql", "sql_value_long", {"limit": 500})] if (longest or 0) > 500 else []


def _said(error: Exception) -> str:
    text = re.sub(r"\s+", " ", str(error))
    text = re.sub(r"^.*?DB::Exception: ", "", text)
    return re.split(r"\. \(| \) SETTINGS |Expected one of", text)[0].strip()[:300]
