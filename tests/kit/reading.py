"""A process that opens a store and then reads structs nobody has read yet, from four threads at once."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import ModuleType

import msgspec

from siyu.kit import load_settings
from siyu.store import Store
from tests import postgres

SHAPES = """
from __future__ import annotations
from typing import Annotated, Literal
import msgspec

class Leaf(msgspec.Struct, frozen=True):
    number: Annotated[int, msgspec.Meta(ge=0)] = 0
    words: list[str] = []
    way: Literal["a", "b"] = "a"

class Branch(msgspec.Struct, frozen=True):
    leaves: list[Leaf] = []
    named: dict[str, Leaf] = {}
    last: Leaf | None = None

class Tree(msgspec.Struct, frozen=True):
    branches: list[Branch] = []
    leaf: Leaf = Leaf()
    name: Annotated[str, msgspec.Meta(max_length=9)] = ""
"""
TREE = b'{"branches": [{"leaves": [{"number": 1}], "last": {"words": ["q"]}}], "leaf": {"number": 2}}'


def main(folder: Path, modules: int = 400) -> None:
    code, made = compile(SHAPES, "shapes", "exec"), []
    for number in range(modules):
        module = ModuleType(f"shapes{number}")
        sys.modules[module.__name__] = module
        exec(code, module.__dict__)
        made.append(module.Tree)
    store = Store(load_settings(folder, state=postgres.address(folder)))
    sys.setswitchinterval(1e-6)
    read: list[int] = []

    def go(tree: type, together: threading.Barrier) -> None:
        together.wait()
        read.append(msgspec.json.decode(TREE, type=tree).leaf.number)

    for tree in made:
        together = threading.Barrier(4)
        threads = [threading.Thread(target=go, args=(tree, together)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    store.close()
    print(read.count(2))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
