"""A worker of its own that resolves what it is told, a batch a transaction. On PostgreSQL it leaves out the lock of the
one writer, so that nothing but ``resolve`` itself keeps it apart from its neighbours."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from siyu import identity
from siyu.kit import ManualClock, load_settings
from siyu.store import open_state


class Job(msgspec.Struct):
    """``done``: whom the records named, to be read back."""

    batch: int
    ids: list[tuple[str, ...]]
    times: list[int]


def main(folder: Path, state: str) -> None:
    database = open_state(load_settings(folder, state=state), ManualClock(1_000))
    decode = msgspec.json.Decoder(Job).decode
    print("ready", flush=True)
    for line in sys.stdin:
        job = decode(line)
        with database.write() if database.sqlite else database.engine.begin() as conn:
            found = identity.resolve(conn, job.ids, job.times, ["s"] * len(job.ids), job.batch)
        print(msgspec.json.encode(found.person).decode(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
