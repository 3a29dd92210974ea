"""Rooms know each other by their faces only; routes ask actions, and only queries hold SQL."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.house.source import imported, modules, rooms

_SQL_CALLS = {"select", "insert", "update", "delete", "text", "exec_driver_sql"}


@cache
def _shown(room: str) -> set[str]:
    """What a room's face offers."""
    face = modules()[Path(room) / "__init__.py"]
    lists = [
        node.value for node in face.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return {str(name) for found in lists for name in ast.literal_eval(found)}


def _inside(name: str) -> bool:
    """Whether ``siyu.room.thing`` is a module behind the face of a room that doesn't offer it under this name."""
    parts = name.split(".")
    if (
        len(parts) < 3
        or parts[0] != "siyu"
        or parts[1] not in rooms()
        or (len(parts) == 3 and parts[2] in _shown(parts[1]))
    ):
        return False
    return (parts[1], parts[2]) in _there()


@cache
def _there() -> set[tuple[str, ...]]:
    """Rooms and what is in them."""
    return {module.with_suffix("").parts[:2] for module in modules()}


def test_a_room_is_imported_by_its_face() -> None:
    wrong = [
        f"{path} imports {name}"
        for path, tree in modules().items()
        for name in sorted(imported(tree))
        if _inside(name) and (len(path.parts) == 1 or name.split(".")[1] != path.parts[0])
    ]
    assert wrong == []


def test_routes_never_import_queries() -> None:
    wrong = [
        f"{path} imports {name}"
        for path, tree in modules().items()
        if path.stem == "routes" or "routes" in path.parts
        for name in imported(tree)
        if "queries" in name.split(".")
    ]
    assert wrong == []


def test_routes_hold_no_sql() -> None:
    wrong = [
        f"{path}:{node.lineno} {node.func.attr}"
        for path, tree in modules().items()
        if path.stem == "routes"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SQL_CALLS
        if isinstance(node.func.value, ast.Name) and node.func.value.id in ("sa", "conn")
    ]
    assert wrong == []


def test_no_module_imports_itself_in_a_circle() -> None:
    """Rooms can't, since they lie on floors; this looks at modules within a room too."""
    graph = grimp.build_graph("siyu", exclude_type_checking_imports=True, cache_dir=None)
    edges = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' → '.join(error.args[1])}")
