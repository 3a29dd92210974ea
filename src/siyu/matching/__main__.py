"""``python -m siyu.matching FOLDER``: one run, told what to do by files and telling how far it is line by line.

It ends when the one that started it does: that holds the other end of standard input.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa

from siyu.matching.model import Model
from siyu.matching.run import JOB_FILE, PAIRS_FILE, RECORDS_FILE, Job


def _tell(stage: str, share: float) -> None:
    print(json.dumps({"stage": stage, "share": round(share, 3)}), flush=True)


def _end_with_parent() -> None:
    while os.read(0, 1 << 10):
        pass
    os._exit(3)


def _batches(file: Path) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(str(file)) as source, pa.ipc.open_stream(source) as reader:
        yield from reader


def main(folder: Path) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    job = msgspec.json.decode((folder / JOB_FILE).read_bytes(), type=Job)
    model = Model(folder, job.fields, job.memory_mb, _tell)
    records = model.take(_batches(folder / RECORDS_FILE), job.records)
    model.drop_common_blocks(job.most_pairs)
    fields = model.compared()
    if records < 2 or len(fields) < 2:
        found = pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.int64())})
    else:
        found = model.score(fields, records, job.threshold, job.most_found)
    with pa.OSFile(str(folder / PAIRS_FILE), "wb") as sink, pa.ipc.new_stream(sink, found.schema) as writer:
        writer.write_table(found)
    print(json.dumps({"stage": "done", "fields": fields, "learned": model.learned, "records": records}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
