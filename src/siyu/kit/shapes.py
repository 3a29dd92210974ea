"""What structs hold, worked out before threads begin.

msgspec works out the fields of a struct when it is first read or written. Two threads that are first at once end the
process or hang it for ever (msgspec 0.22: four threads on fresh structs crash within seconds). Afterwards all is safe.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import msgspec

_lock = threading.RLock()
"""The same thread may come again: working out a struct can load what brings more of them."""

_done: set[type[msgspec.Struct]] = set()


def work_out_shapes() -> None:
    """Of every struct there is by now. To be called before threads start, and after modules were imported later."""
    with _lock:
        for struct in _below(msgspec.Struct):
            if struct not in _done:
                _done.add(struct)
                try:
                    msgspec.json.Decoder(struct)
                except (TypeError, NameError):
                    continue  # it is only ever built by our own code, never read


def _below(struct: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for one in struct.__subclasses__():
        yield one
        yield from _below(one)
