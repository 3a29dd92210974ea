"""Strict receivers on local ports: a bucket that checks signatures as S3 and OSS document them, and an SFTP server.

The bucket's reading of the signatures is written from the documents alone and shares nothing with the product; the
vendors' own SDKs are let in by it (test_signing.py), so it is as strict as they are.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from siyu.packages.ssh import asyncssh

KEY_ID, SECRET, REGION, BUCKET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCY", "cn-hangzhou", "brand-files"


class ObjectStore:
    """Takes PUTs to one bucket, by path or by host. ``objects`` are what came; ``answers`` come first."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.refused: list[str] = []
        self.answers: list[int] = []
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, text = store.judge(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.send_header("ETag", f'"{hashlib.md5(body).hexdigest()}"')
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def judge(self, target: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        if self.answers:
            return self.answers.pop(0), "<Code>SlowDown</Code>"
        path = urlsplit(target).path
        name = unquote(path).removeprefix("/")
        if not headers["host"].startswith(f"{BUCKET}."):
            bucket, _, name = name.partition("/")
            if bucket != BUCKET:
                return 404, "<Code>NoSuchBucket</Code>"
        scheme = headers.get("authorization", "").partition(" ")[0]
        check = {"AWS4-HMAC-SHA256": self._check_s3, "OSS4-HMAC-SHA256": self._check_oss}.get(scheme)
        fault = check(path, name, headers, body) if check else "AccessDenied"
        if not fault and "content-md5" in headers:
            fault = (
                "" if headers["content-md5"] == base64.b64encode(hashlib.md5(body).digest()).decode() else "BadDigest"
            )
        if fault:
            self.refused.append(fault)
            return 403, f"<Code>{fault}</Code>"
        self.objects[name] = body
        return 200, ""

    def _check_s3(self, path: str, name: str, headers: dict[str, str], body: bytes) -> str:
        parts = _parts(headers["authorization"])
        key_id, day, region, service, end = parts["Credential"].split("/")
        if (key_id, region, service, end) != (KEY_ID, REGION, "s3", "aws4_request"):
            return "InvalidAccessKeyId"
        said = headers["x-amz-content-sha256"]
        if said not in (hashlib.sha256(body).hexdigest(), "UNSIGNED-PAYLOAD"):
            return "XAmzContentSHA256Mismatch"
        signed = parts["SignedHeaders"].split(";")
        if (
            signed != sorted(signed)
            or "host" not in signed
            or any(k.startswith("x-amz-") and k not in signed for k in headers)
        ):
            return "AccessDenied"
        lines = "".join(f"{k}:{' '.join(headers[k].split())}\n" for k in signed)
        canonical = f"PUT\n{path}\n\n{lines}\n{';'.join(signed)}\n{said}"
        return _compare(
            "AWS4", "AWS4-HMAC-SHA256", headers["x-amz-date"], [day, region, service, end], canonical, parts
        )

    def _check_oss(self, path: str, name: str, headers: dict[str, str], body: bytes) -> str:
        parts = _parts(headers["authorization"])
        key_id, day, region, product, end = parts["Credential"].split("/")
        if (key_id, region, product, end) != (KEY_ID, REGION, "oss", "aliyun_v4_request"):
            return "InvalidAccessKeyId"
        if headers["x-oss-content-sha256"] != "UNSIGNED-PAYLOAD":
            return "InvalidArgument"
        more = parts.get("AdditionalHeaders", "")
        chosen = sorted(
            k for k in headers if k in ("content-type", "content-md5") or k.startswith("x-oss-") or k in more.split(";")
        )
        lines = "".join(f"{k}:{headers[k].strip()}\n" for k in chosen)
        uri = quote(f"/{BUCKET}/{name}", safe="/")
        canonical = f"PUT\n{uri}\n\n{lines}\n{more}\nUNSIGNED-PAYLOAD"
        return _compare(
            "aliyun_v4", "OSS4-HMAC-SHA256", headers["x-oss-date"], [day, region, product, end], canonical, parts
        )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _parts(value: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in value.partition(" ")[2].split(","))
    return {name: held for name, _, held in pairs}


def _compare(prefix: str, algorithm: str, stamp: str, scope: list[str], canonical: str, parts: dict[str, str]) -> str:
    at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if abs(time.time() - at.timestamp()) > 900 or stamp[:8] != scope[0]:
        return "RequestTimeTooSkewed"
    text = f"{algorithm}\n{stamp}\n{'/'.join(scope)}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"{prefix}{SECRET}".encode()
    for part in scope:
        key = hmac.new(key, part.encode(), "sha256").digest()
    wanted = hmac.new(key, text.encode(), "sha256").hexdigest()
    return "" if hmac.compare_digest(wanted, parts["Signature"]) else "SignatureDoesNotMatch"


class SftpServer:
    """One user with a password, and one with a key; files go under ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.user_key = asyncssh.generate_private_key("ssh-ed25519")
        self._host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.host_key = self._host_key.get_fingerprint("sha256")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    async def _listen(self) -> int:
        allowed = asyncssh.import_authorized_keys(self.user_key.export_public_key().decode())

        class Guard(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == ("brand", "open sesame")

        def rooted(channel: Any) -> asyncssh.SFTPServer:
            return asyncssh.SFTPServer(channel, chroot=str(self.root).encode())

        self._acceptor = await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Guard, server_host_keys=[self._host_key], sftp_factory=rooted,
            authorized_client_keys=allowed,
        )  # fmt: skip
        return int(self._acceptor.get_port())

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._acceptor.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
