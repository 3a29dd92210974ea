"""Real servers that messages go to: SMTP and a strict webhook receiver, each able to misbehave on request."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Mailbox:
    """An SMTP server. ``on_rcpt`` and ``on_data`` may answer something else than 250, or drop the connection."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, user: str = "", password: str = "") -> None:
        self.received: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.connections = 0
        self.on_rcpt: Callable[[str], str | None] = lambda _address: None
        self.on_data: Callable[[EmailMessage], str | None] = lambda _mail: None
        self.hangs_up = False
        """Close the connection behind a refused recipient."""
        self._login = (user.encode(), password.encode())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        needs_login = {"authenticator": self._authenticate, "auth_required": True} if user else {}
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, tls_context=tls, enable_SMTPUTF8=True, **needs_login
        )
        self._controller.start()

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
        right = isinstance(login, LoginPassword) and (login.login, login.password) == self._login
        return AuthResult(success=right, handled=False)

    async def handle_CONNECT(self, *_: Any) -> str:
        return "220 ready"

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.connections += not hasattr(session, "counted")
        session.counted = True  # type: ignore[attr-defined]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self.on_rcpt(address)
        if refusal and self.hangs_up:
            await server.push(refusal)
            server.transport.close()
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        answer = self.on_data(mail)
        if answer is not None and not answer.startswith(("2", "drop")):
            return answer
        self.received.append(mail)
        self.recipients += envelope.rcpt_tos
        if answer == "drop":
            server.transport.abort()
        return "250 taken"

    def times(self) -> Counter[str]:
        """How often each Message-ID came."""
        return Counter(str(mail["Message-ID"]) for mail in self.received)

    def close(self) -> None:
        self._controller.stop()


class Receiver:
    """An HTTP server that takes only well-signed posts and each Idempotency-Key once; ``answers`` come first."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.taken: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, int]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, headers = receiver.judge(self)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/messages"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def judge(self, request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str]]:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        key = request.headers["Idempotency-Key"]
        status, headers = self._status(request, body, key)
        self.calls.append((key, status))
        return status, headers

    def _status(self, request: BaseHTTPRequestHandler, body: bytes, key: str) -> tuple[int, dict[str, str]]:
        parts = dict(part.split("=", 1) for part in request.headers["Siyu-Signature"].split(","))
        wanted = hmac.new(self.secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, parts["v1"]) or abs(time.time() - int(parts["t"])) > 300:
            return 401, {}
        if self.answers:
            return self.answers.pop(0)
        if key not in self.taken:
            self.taken[key] = json.loads(body)
        return 200, {}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
