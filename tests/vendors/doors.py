"""A strict vendor on a local port: it takes nothing that is not exactly as its documentation says."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = dict[str, Any]


class Call:
    """A request as it came."""

    def __init__(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        self.method, self.path, self.raw_query = request.command, parts.path, parts.query
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        self.body = request.rfile.read(int(request.headers.get("Content-Length") or 0))

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body or b"{}")
        return found


class Vendor:
    """``answer`` decides. ``drops`` of the next calls are taken and cut off unanswered; ``garbles`` answer no JSON."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.drops = self.garbles = 0
        self.delay: threading.Event | None = None
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                vendor._serve(self)

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, call: Call) -> Answer:
        raise AssertionError(call.path)

    def quiet(self, call: Call) -> bool:
        """Calls that may not be dropped, such as for a token."""
        return False

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        call = Call(request)
        self.calls.append(call)
        answer = self.answer(call)
        if self.delay is not None and not self.quiet(call):
            self.delay.wait(10)
        if self.drops and not self.quiet(call):
            self.drops -= 1
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.connection.close()
            return
        body = json.dumps(answer, ensure_ascii=False).encode()
        if self.garbles and not self.quiet(call):
            self.garbles -= 1
            body = b"<html>502 Bad Gateway</html>"
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def to(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]

    def close(self) -> None:
        if self.delay is not None:
            self.delay.set()
        self._server.shutdown()
        self._server.server_close()


Rule = Callable[[dict[str, Any]], int]
"""A message body → the code it is refused with; 0 takes it."""
