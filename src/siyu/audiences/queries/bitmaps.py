"""Sets of persons as the engine writes them and as they are kept."""

from __future__ import annotations

from pyroaring import BitMap64

_SMALL = 0


def decode(text: str) -> BitMap64:
    """A set from the hex text of the engine's ``groupBitmap`` state.

    The state is a flag, then for a small set one byte of count and 8 bytes a member, else a length and a roaring map
    in the portable format.
    """
    raw = bytes.fromhex(text)
    if raw[0] == _SMALL:
        return BitMap64(int.from_bytes(raw[at : at + 8], "little") for at in range(2, 2 + 8 * raw[1], 8))
    start = 1
    while raw[start] & 0x80:
        start += 1
    return BitMap64.deserialize(raw[start + 1 :])


def pack(members: BitMap64) -> bytes:
    return bytes(members.serialize())


def unpack(raw: bytes) -> BitMap64:
    return BitMap64.deserialize(raw)
