"""Sizes and habits a reader can rely on."""

from __future__ import annotations

import re
import statistics

from tests.house.source import PACKAGE, ROOT, functions, lines_of, modules, rooms

_CRUTCHES = {"utils", "util", "helpers", "helper", "manager", "base", "base_service", "common_utils", "misc"}
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|raise NotImplementedError)\b")


def test_no_file_over_500_lines() -> None:
    sizes = {str(path): len((PACKAGE / path).read_text("utf-8").splitlines()) for path in modules()}
    assert {path: size for path, size in sizes.items() if size > 500} == {}


def test_no_function_over_60_lines() -> None:
    long = {
        f"{path}:{function.name}": lines_of(function)
        for path, tree in modules().items()
        for function in functions(tree)
        if lines_of(function) > 60
    }
    assert long == {}


def test_the_usual_function_is_short() -> None:
    assert statistics.median(lines_of(function) for tree in modules().values() for function in functions(tree)) < 10


def test_faces_are_short() -> None:
    sizes = {room: len((PACKAGE / room / "__init__.py").read_text("utf-8").splitlines()) for room in rooms()}
    assert {room: size for room, size in sizes.items() if size > 40} == {}


def test_every_room_says_what_it_is_for() -> None:
    assert [room for room in rooms() if not (PACKAGE / room / "__init__.py").read_text("utf-8").startswith('"""')] == []


def test_names_say_what_a_module_is_about() -> None:
    assert [str(path) for path in modules() if path.stem in _CRUTCHES] == []


def test_nothing_is_left_unfinished() -> None:
    found = [str(path) for path in modules() if _UNFINISHED.search((PACKAGE / path).read_text("utf-8"))]
    assert found == []


def test_no_console_file_over_400_lines() -> None:
    files = [file for kind in ("*.ts", "*.tsx") for file in (ROOT / "web" / "src").rglob(kind)]
    assert files
    sizes = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in files}
    assert {name: size for name, size in sizes.items() if size > 400 and not name.endswith("openapi.ts")} == {}
