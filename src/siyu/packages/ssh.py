"""asyncssh, imported without running a linker.

Its import asks ctypes for two C libraries, and where they are missing, ctypes (CPython 3.11) runs ``ld -o /dev/null``.
As root, ld (binutils 2.40) deletes a /dev/null that is a plain file, as it is in some containers, and whatever writes
there next leaves one that other users can't write to. Neither library is missed: ML-KEM comes from ``cryptography``,
and no server offers UMAC alone.
"""

from __future__ import annotations

import ctypes.util

_find_library = ctypes.util.find_library
ctypes.util.find_library = lambda name: None
try:
    import asyncssh
finally:
    ctypes.util.find_library = _find_library

__all__ = ["asyncssh"]
