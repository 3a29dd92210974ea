"""Rooms know each other by their faces only; routes ask actions, and only queries hold SQL."""

from __future__ import annotations

import ast

from tests.house.source import imported, modules, rooms

_SQL_CALLS = {"select", "insert", "update", "delete", "text", "exec_driver_sql"}


def test_a_room_is_imported_by_its_face() -> None:
    names = rooms()
    wrong = []
    for path, tree in modules().items():
        own = path.parts[0] if len(path.parts) > 1 else ""
        for name in imported(tree):
            parts = name.split(".")
            inside = len(parts) > 2 and parts[0] == "siyu" and parts[1] in names and parts[1] != own
            if inside and any(module.with_suffix("").parts[:2] == (parts[1], parts[2]) for module in modules()):
                wrong.append(f"{path} imports {name}")
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
