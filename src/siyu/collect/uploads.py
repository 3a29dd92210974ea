"""A file out of a multipart request, straight to disk, with a limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from litestar.concurrency import sync_to_thread
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from siyu.kit import BadInput, TooLarge

_OTHER_PARTS = 64 << 10


async def save_file(content_type: str, stream: AsyncIterator[bytes], target: Path, limit: int) -> str:
    """Write the part that is a file to ``target``; answers its file name.

    Raises BadInput when there is no file, TooLarge past ``limit`` bytes; ``target`` is gone then.
    """
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise BadInput(detail="send the file as multipart/form-data, in a part named `file`.")
    try:
        with await sync_to_thread(target.open, "xb") as out:
            name = await _copy(stream, options["boundary"], out, limit)
        if name is None:
            raise BadInput(detail="there is no file in the request.")
        return name
    except MultipartError as error:
        target.unlink(missing_ok=True)
        raise BadInput(detail=f"the request is no sound multipart/form-data ({error}).") from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise


async def _copy(stream: AsyncIterator[bytes], boundary: str, out: IO[bytes], limit: int) -> str | None:
    name: str | None = None
    in_file = False
    size = other = 0
    with PushMultipartParser(boundary, max_segment_count=20) as parser:
        async for chunk in stream:
            for part in parser.parse(chunk):
                if isinstance(part, MultipartSegment):
                    in_file = name is None and bool(part.filename)
                    name = part.filename if in_file else name
                elif part and in_file:
                    size += len(part)
                    if size > limit:
                        raise TooLarge(limit_bytes=limit)
                    await sync_to_thread(out.write, part)
                elif part:
                    other += len(part)
                    if other > _OTHER_PARTS:
                        raise TooLarge(limit_bytes=_OTHER_PARTS)
        with suppress(StopIteration):
            next(iter(parser.parse(b"")))
    return name


@dataclass
class UploadOperation(Operation):
    """Describes the upload in OpenAPI: the framework doesn't see a body that is read as a stream."""

    def __post_init__(self) -> None:
        file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        body = Schema(type=OpenAPIType.OBJECT, properties={"file": file}, required=["file"])
        self.request_body = RequestBody(content={"multipart/form-data": OpenAPIMediaType(schema=body)}, required=True)
