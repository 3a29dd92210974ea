"""The demo's mail catcher: takes every mail, delivers none, and shows them on a page of its own.

It speaks just enough SMTP for a mail to be handed over. Only for the demo: it listens on this machine alone.
"""

from __future__ import annotations

import html
import itertools
import threading
from contextlib import suppress
from datetime import timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

_HOST = "127.0.0.1"
_MOST_BYTES = 4 << 20
_SHOWN = 200
_CHINA = timezone(timedelta(hours=8))


class Catcher:
    """Keeps mails as ``.eml`` files in ``folder``. ``smtp_port`` takes them, ``url`` shows them."""

    def __init__(self, folder: Path, smtp_port: int, page_port: int) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        last = max((int(file.stem) for file in folder.glob("[0-9]*.eml")), default=0)
        self._numbers = itertools.count(last + 1)
        self._smtp = _SmtpServer((_HOST, smtp_port), _Session)
        self._page = _PageServer((_HOST, page_port), _Page)
        self._smtp.catcher = self._page.catcher = self
        self.smtp_port: int = self._smtp.server_address[1]
        self.url = f"http://{_HOST}:{self._page.server_address[1]}"

    def start(self) -> None:
        for server in (self._smtp, self._page):
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        for server in (self._smtp, self._page):
            server.shutdown()
            server.server_close()

    def keep(self, mail: bytes) -> None:
        (self.folder / f"{next(self._numbers):06d}.eml").write_bytes(mail)

    def newest(self) -> list[Path]:
        return sorted(self.folder.glob("*.eml"), reverse=True)


class _SmtpServer(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    catcher: Catcher


class _PageServer(ThreadingHTTPServer):
    catcher: Catcher


class _Session(StreamRequestHandler):
    """One SMTP connection."""

    server: _SmtpServer

    def handle(self) -> None:
        self._say("220 siyu demo mail catcher")
        while line := self.rfile.readline(2048):
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"DATA":
                self._say("354 go on")
                self._say(self._take())
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            elif verb in (b"EHLO", b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"):
                self._say("250 OK")
            else:
                self._say("502 not here")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _take(self) -> str:
        lines: list[bytes] = []
        size = 0
        while (line := self.rfile.readline(_MOST_BYTES)) not in (b".\r\n", b""):
            size += len(line)
            if size <= _MOST_BYTES:
                lines.append(line[1:] if line.startswith(b".") else line)
        if not line:
            return "451 cut short"
        if size > _MOST_BYTES:
            return "552 too large"
        self.server.catcher.keep(b"".join(lines))
        return "250 kept"


class _Page(BaseHTTPRequestHandler):
    """``/`` lists the mails, ``/000001`` shows one."""

    server: _PageServer

    def do_GET(self) -> None:
        name = self.path.strip("/")
        file = self.server.catcher.folder / f"{name}.eml"
        if not name:
            self._answer(200, _list_page(self.server.catcher.newest()))
        elif name.isdigit() and file.is_file():
            self._answer(200, _mail_page(_read(file)))
        else:
            self._answer(404, _page("没有这封邮件 · No such mail", ""))

    def _answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal belongs to the demo."""


def _read(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def _list_page(files: list[Path]) -> str:
    rows = []
    for file in files[:_SHOWN]:
        mail = _read(file)
        cells = "".join(f"<td>{html.escape(text)}</td>" for text in (_when(mail), str(mail["To"] or "")))
        subject = html.escape(str(mail["Subject"] or "-"))
        rows.append(f'<tr>{cells}<td><a href="/{file.stem}">{subject}</a></td></tr>')
    note = f"共 {len(files)} 封，显示最新 {len(rows)} 封。这些邮件没有真正发出。 · None of these was really sent."
    table = "<tr><th>时间 Date</th><th>收件人 To</th><th>主题 Subject</th></tr>" + "".join(rows)
    return _page("演示信箱 · Demo mail catcher", f'<p>{note} <a href="/">刷新 Refresh</a></p><table>{table}</table>')


def _when(mail: EmailMessage) -> str:
    """The mail's date as clocks in China show it."""
    with suppress(TypeError, ValueError):
        sent = parsedate_to_datetime(str(mail["Date"]))
        return f"{sent.astimezone(_CHINA):%Y-%m-%d %H:%M:%S}"
    return ""


def _mail_page(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    text = part.get_content() if part else ""
    heads = "".join(
        f"<tr><th>{name}</th><td>{html.escape(str(mail[name] or ''))}</td></tr>"
        for name in ("From", "To", "Subject", "Date", "List-Unsubscribe", "Message-ID")
    )
    return _page(
        str(mail["Subject"] or "-"),
        f'<p><a href="/">← 返回 Back</a></p><table>{heads}</table><pre>{_linked(text)}</pre>',
    )


def _linked(text: str) -> str:
    """Escaped, with the addresses at the end of a line made links."""
    lines = []
    for line in text.splitlines():
        head, mark, rest = line.partition("http://")
        link = html.escape(mark + rest.strip())
        lines.append(html.escape(head) + (f'<a href="{link}">{link}</a>' if mark else ""))
    return "\n".join(lines)


def _page(title: str, body: str) -> str:
    style = (
        "body{font:15px/1.6 system-ui,sans-serif;max-width:960px;margin:2rem auto;padding:0 1rem;color:#222}"
        "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;overflow-wrap:anywhere;"
        "border-bottom:1px solid #eee}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#fafafa;padding:1rem}"
    )
    safe = html.escape(title)
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{safe}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head>'
        f"<body><h1>{safe}</h1>{body}</body></html>"
    )
