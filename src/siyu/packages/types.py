"""Shapes of the packages API. Times are ISO 8601."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from siyu.audiences import Schedule

Format = Literal["csv", "xlsx", "parquet", "jsonl"]
Hash = Literal["sha256", "md5"]
Identifier = Literal["mobile", "idfa", "oaid", "imei"]
PlatformName = Literal["tencent", "oceanengine", "kuaishou", "baidu", "other"]
RunState = Literal["waiting", "making", "sending", "done", "failed"]
_Line = Annotated[str, Meta(min_length=1, max_length=500)]
_Folder = Annotated[str, Meta(max_length=500, pattern=r"^(?!.*\.\.)[^\\\x00-\x1f]*$")]


class Ad(msgspec.Struct, frozen=True):
    """One hashed identifier a line, as an ad platform takes it. ``digits``: mobiles are hashed as ``national`` (11
    digits) or ``e164`` (+86…); it and ``hash`` are the platform's where it is not ``other``."""

    platform: PlatformName
    identifier: Identifier = "mobile"
    hash: Hash = "md5"
    digits: Literal["national", "e164"] = "national"


class Content(msgspec.Struct, frozen=True):
    """What is in the files: ``columns``, or with ``ad`` hashed identifiers alone. ``clear``: personal data unmasked.
    ``delta``: after the first one that arrived, only who entered and who left since, in a file each."""

    columns: Annotated[list[Annotated[str, Meta(max_length=220)]], Meta(max_length=100)] = []
    format: Format = "csv"
    clear: bool = False
    ad: Ad | None = None
    delta: bool = False
    keep_days: Annotated[int, Meta(ge=1, le=90)] = 7


class Bucket(msgspec.Struct, frozen=True):
    """A bucket of S3, or what speaks like it, or of Alibaba Cloud OSS. ``endpoint`` is ``https://…`` without bucket.
    ``path_style``: the bucket is named in the path, not before the host."""

    endpoint: Annotated[str, Meta(max_length=500, pattern=r"^https?://[^/?#@\s]+/?$")]
    region: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}$")]
    bucket: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    key_id: Annotated[str, Meta(pattern=r"^[\w+=./-]{1,200}$")]
    prefix: _Folder = ""
    path_style: bool = False


class S3(Bucket, frozen=True, tag_field="kind", tag="s3"):
    """AWS S3, MinIO, COS, OBS … (Signature Version 4)."""


class OSS(Bucket, frozen=True, tag_field="kind", tag="oss"):
    """Alibaba Cloud OSS (V4 signature)."""


class SFTP(msgspec.Struct, frozen=True, tag_field="kind", tag="sftp"):
    """``host_key``: the server's fingerprint, ``SHA256:…``. The secret is a password or a private key."""

    host: _Line
    user: _Line
    host_key: Annotated[str, Meta(pattern=r"^SHA256:[A-Za-z0-9+/]{43}=?$")]
    port: Annotated[int, Meta(ge=1, le=65535)] = 22
    folder: _Folder = ""


class Hook(msgspec.Struct, frozen=True, tag_field="kind", tag="webhook"):
    """Rows are posted as JSON in parts, signed as webhooks are."""

    url: Annotated[str, Meta(max_length=2000, pattern=r"^https?://\S+$")]


Destination = S3 | OSS | SFTP | Hook


class PackageDraft(msgspec.Struct, frozen=True):
    """``secret`` of the destination is written only; left out in a change, the one kept is used again."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    audience: Annotated[str, Meta(max_length=40)]
    content: Content
    schedule: Schedule | None = None
    destination: Destination | None = None
    secret: Annotated[str, Meta(max_length=20_000)] | None = None


class File(msgspec.Struct, frozen=True):
    """``sha256`` is of the file, in hex. ``part``: all, entered or left."""

    name: str
    part: Literal["all", "entered", "left"]
    rows: int
    bytes: int
    sha256: str


class RunView(msgspec.Struct, frozen=True):
    """``persons``: how many were in it; ``refused``: members left out since they haven't agreed to ads; ``answer``:
    what the destination, or the way to it, said last. ``expires_at`` is null once the files are gone."""

    id: str
    why: Literal["asked", "schedule"]
    state: RunState
    created_at: str
    due_at: str | None
    ended_at: str | None
    attempts: int
    done: int
    total: int
    persons: int
    refused: int
    files: list[File]
    clear: bool
    delta: bool
    answer: str
    expires_at: str | None


class PackageView(msgspec.Struct, frozen=True):
    """``secret`` is shown once, when one is made for a webhook; ``has_secret``: one is kept."""

    id: str
    name: str
    audience: str
    audience_name: str
    audience_size: int
    content: Content
    schedule: Schedule | None
    destination: Destination | None
    has_secret: bool
    next_at: str | None
    owner: str
    created_at: str
    version: int
    last: RunView | None
    secret: str | None = None


class Words(msgspec.Struct, frozen=True):
    zh: str
    en: str


class Column(msgspec.Struct, frozen=True):
    """``personal``: masked unless the package is clear. ``group``: person, identifier, trait or tag."""

    name: str
    label: Words
    group: str
    personal: bool


class PlatformView(msgspec.Struct, frozen=True):
    """``takes``: identifier → the hashes it may come as, with the platform's own name of the type."""

    name: str
    label: Words
    takes: dict[str, dict[str, str]]


class Choices(msgspec.Struct, frozen=True):
    columns: list[Column]
    platforms: list[PlatformView]
