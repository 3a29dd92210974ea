"""The built console from the package: hashed files for ever, the page itself checked every time."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import cast

import msgspec
from litestar.types import HTTPScope, Receive, Scope, Send

_FOR_EVER = "public, max-age=31536000, immutable"
_PACKED = {".br": "br", ".gz": "gzip"}
_MISSING_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>Siyu</title>
<h1>控制台尚未构建</h1>
<p>在源码目录运行 <code>make setup</code>（需要联网安装前端依赖），然后刷新本页。
接口 <code>/api</code> 与采集入口不受影响。</p>
<h1 lang="en">The console has not been built</h1>
<p lang="en">Run <code>make setup</code> in the source folder (it fetches the web dependencies), then reload.
The API and the collect doors work all the same.</p></html>
"""


def bundle_folder() -> Path:
    """Where the build puts the console."""
    return Path(__file__).parent / "static"


class _File(msgspec.Struct, frozen=True):
    content_type: str
    etag: str
    paths: dict[str, Path]
    """By content encoding; the plain file under ``""``."""


class Bundle:
    """ASGI application over the built files. A path without extension gets the page: the console routes by itself."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or bundle_folder()
        self._built_at = 0
        self._files: dict[str, _File] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = cast(HTTPScope, scope)
        if http["method"] not in ("GET", "HEAD"):
            await _send(http, send, 405, b"", {"allow": "GET, HEAD"})
            return
        self._look()
        path = http["path"].lstrip("/")
        file = self._files.get(path)
        if file is None and "." not in path.rpartition("/")[2]:
            file = self._files.get("index.html")
            if file is None:
                headers = {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"}
                await _send(http, send, 503, _MISSING_PAGE.encode(), headers)
                return
        if file is None:
            headers = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-cache"}
            await _send(http, send, 404, b"not found\n", headers)
        else:
            await _send_file(http, send, file, for_ever=path.startswith("assets/"))

    def _look(self) -> None:
        """Learn what there is, again when the console has been built anew. No other path can ever be served."""
        page = self._folder / "index.html"
        built_at = page.stat().st_mtime_ns if page.is_file() else 0
        if built_at != self._built_at:
            found = [path for path in self._folder.rglob("*") if path.is_file() and path.suffix not in _PACKED]
            self._files = {path.relative_to(self._folder).as_posix(): _describe(path) for path in found}
            self._built_at = built_at


def _describe(plain: Path) -> _File:
    kind = mimetypes.guess_type(plain.name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind in ("application/javascript", "application/json", "image/svg+xml")
    packed = {name: plain.with_name(plain.name + suffix) for suffix, name in _PACKED.items()}
    paths = {name: path for name, path in packed.items() if path.is_file()} | {"": plain}
    etag = hashlib.sha256(plain.read_bytes()).hexdigest()[:20]
    return _File(f"{kind}; charset=utf-8" if text else kind, etag, paths)


async def _send_file(scope: HTTPScope, send: Send, file: _File, for_ever: bool) -> None:
    asked = {name: value.decode("latin-1") for name, value in scope["headers"]}
    headers = {
        "cache-control": _FOR_EVER if for_ever else "no-cache",
        "etag": f'"{file.etag}"',
        "content-type": file.content_type,
        "vary": "accept-encoding",
    }
    if file.etag in asked.get(b"if-none-match", ""):
        await _send(scope, send, 304, b"", headers)
        return
    accepted = asked.get(b"accept-encoding", "")
    encoding = next((name for name in file.paths if name and name in accepted), "")
    if encoding:
        body = file.paths[encoding].read_bytes()
    elif "gzip" in accepted and "charset" in file.content_type:
        encoding, body = "gzip", _zipped(file.paths[""], file.etag)
    else:
        body = file.paths[""].read_bytes()
    if encoding:
        headers["content-encoding"] = encoding
    await _send(scope, send, 200, body, headers)


@lru_cache(maxsize=256)
def _zipped(plain: Path, _etag: str) -> bytes:
    """Text that the build did not pack: packed once, about a third of its size kept in memory."""
    return gzip.compress(plain.read_bytes(), 6)


async def _send(scope: HTTPScope, send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
    named = headers if status == 304 else headers | {"content-length": str(len(body))}
    raw = [(name.encode(), value.encode()) for name, value in named.items()]
    shown = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": shown, "more_body": False})
