"""Carrying files to where they are wanted: buckets, SFTP servers, webhooks."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from siyu.kit import Outbound, SystemClock, check_host, signature
from siyu.packages.problems import NotDelivered
from siyu.packages.signing import Key, signed_oss, signed_s3
from siyu.packages.ssh import asyncssh
from siyu.packages.types import OSS, S3, SFTP, Destination, File, Hook

_TIMEOUT_S = 60.0
_SFTP_S = 1_800.0
_ROWS = 500
"""Rows in one posting of a webhook."""


class Parcel(msgspec.Struct, frozen=True):
    """The files of one run and what tells it from others."""

    package: str
    run: str
    folder: Path
    files: list[File]
    delta: bool


def send(destination: Destination, secret: str, parcel: Parcel, allow_private: bool, alive: Callable[[], None]) -> None:
    """Deliver every file; ``alive`` is called now and then. Raises NotDelivered, OutboundRefused; doing it again
    overwrites the same names."""
    if isinstance(destination, SFTP):
        _sftp(destination, secret, parcel, allow_private)
        return
    outbound = Outbound(allow_private, timeout=_TIMEOUT_S)
    try:
        for file in parcel.files:
            alive()
            if isinstance(destination, Hook):
                _post_rows(outbound, destination, secret, parcel, file, alive)
            else:
                _put(outbound, destination, secret, parcel.folder / file.name, file.sha256)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotDelivered(detail=(str(error) or type(error).__name__)[:300]) from error
    finally:
        outbound.close()


def _now() -> datetime:
    """The receiver compares it with its own clock, so it is the machine's and not the one tests hold still."""
    return datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC)


def _put(outbound: Outbound, bucket: S3 | OSS, secret: str, file: Path, sha256: str) -> None:
    name = "/".join(part for part in [*bucket.prefix.split("/"), file.name] if part)
    path = "/" + quote(name, safe="/-_.~")
    parts = urlsplit(bucket.endpoint)
    host, path = (
        (parts.netloc, f"/{bucket.bucket}{path}") if bucket.path_style else (f"{bucket.bucket}.{parts.netloc}", path)
    )
    headers = {"Host": host, "Content-Type": "application/octet-stream", "Content-MD5": _md5(file)}
    key = Key(bucket.key_id, secret, bucket.region)
    if isinstance(bucket, OSS):
        headers = signed_oss(key, "PUT", bucket.bucket, name, headers, _now())
    else:
        headers = signed_s3(key, "PUT", path, headers, sha256, _now())
    with file.open("rb") as body:
        _took(outbound.put(f"{parts.scheme}://{host}{path}", body, headers))


def _md5(file: Path) -> str:
    with file.open("rb") as source:
        digest = hashlib.file_digest(source, partial(hashlib.md5, usedforsecurity=False))
    return base64.b64encode(digest.digest()).decode()


def _took(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise NotDelivered(detail=f"{answer.status_code} {answer.text[:250]}")


def _post_rows(
    outbound: Outbound, hook: Hook, secret: str, parcel: Parcel, file: File, alive: Callable[[], None]
) -> None:
    """Post the rows in parts, each under a key of its own, so that a receiver can tell a repeat."""
    parts = max(1, -(-file.rows // _ROWS))
    with (parcel.folder / file.name).open("rb") as source:
        for number in range(1, parts + 1):
            alive()
            about = {
                "type": "package.rows", "package": parcel.package, "run": parcel.run, "change": file.part,
                "part": number, "parts": parts, "rows": [msgspec.Raw(line) for line in islice(source, _ROWS)],
            }  # fmt: skip
            body = msgspec.json.encode(about)
            headers = {
                "Content-Type": "application/json",
                "Idempotency-Key": f"{parcel.run}-{file.part}-{number}",
                "Siyu-Topic": "package.rows",
                "Siyu-Signature": signature(secret, int(_now().timestamp()), body),
            }
            _took(outbound.post(hook.url, body, headers))


class _Pinned(asyncssh.SSHClient):
    """Trusts the one host key whose fingerprint the operator has written down."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted.rstrip("=")
        self.shown = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.shown = key.get_fingerprint("sha256")
        return self.shown.rstrip("=") == self._wanted


def _sftp(server: SFTP, secret: str, parcel: Parcel, allow_private: bool) -> None:
    address = check_host(server.host, server.port, allow_private)
    client = _Pinned(server.host_key)
    try:
        asyncio.run(asyncio.wait_for(_carry(server, address, secret, parcel, client), _SFTP_S))
    except asyncssh.HostKeyNotVerifiable as error:
        detail = f"The server's host key is {client.shown or 'unknown'}, not {server.host_key}"
        raise NotDelivered(detail=detail) from error
    except (asyncssh.Error, OSError, TimeoutError) as error:
        raise NotDelivered(detail=(str(error) or type(error).__name__)[:300]) from error


async def _carry(server: SFTP, address: str, secret: str, parcel: Parcel, client: _Pinned) -> None:
    """Each file goes under another name first, so that nobody takes half of one."""
    login = {"client_keys": [_key(secret)]} if "PRIVATE KEY" in secret else {"password": secret, "client_keys": None}
    connection = await asyncssh.connect(
        address, server.port, username=server.user, known_hosts=([], [], []), client_factory=lambda: client,
        config=None, agent_path=None, login_timeout=20, connect_timeout=20, **login,
    )  # fmt: skip
    async with connection, connection.start_sftp_client() as sftp:
        folder = server.folder.rstrip("/")
        if folder and not await sftp.isdir(folder):
            await sftp.makedirs(folder, exist_ok=True)
        for file in parcel.files:
            target = f"{folder}/{file.name}" if folder else file.name
            await sftp.put(str(parcel.folder / file.name), f"{target}.part")
            if await sftp.exists(target):
                await sftp.remove(target)
            await sftp.rename(f"{target}.part", target)


def _key(secret: str) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(secret)
    except asyncssh.KeyImportError as error:
        raise NotDelivered(detail=f"The private key can't be read: {error}") from error
