"""Version 4 signatures of object stores: AWS Signature Version 4 (S3) and the V4 signature of Alibaba Cloud OSS.

Both hash a canonical request and sign it with a key derived from the day, the region and the service.
AWS: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. OSS: help.aliyun.com,
"recommend-to-use-signature-version-4".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec


class Key(msgspec.Struct, frozen=True):
    """An access key and the region its signatures are for."""

    id: str
    secret: str
    region: str


def signed_s3(
    key: Key, method: str, path: str, headers: Mapping[str, str], body_sha256: str, at: datetime
) -> dict[str, str]:
    """The headers to send: those given, and what signs them. ``path`` is as sent, ``headers`` include Host.

    >>> signed_s3(key, "PUT", "/a%20b.csv", {"Host": "shop.s3.amazonaws.com"}, "e3b0…", now)["Authorization"]
    """
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    full = {**headers, "x-amz-content-sha256": body_sha256, "x-amz-date": stamp}
    lower = {name.lower(): " ".join(value.split()) for name, value in full.items()}
    names = ";".join(sorted(lower))
    canonical = "\n".join([method, path, "", _lines(lower), names, body_sha256])
    scope = f"{stamp[:8]}/{key.region}/s3/aws4_request"
    signature = _signature("AWS4", "AWS4-HMAC-SHA256", key, stamp, scope, canonical)
    value = f"AWS4-HMAC-SHA256 Credential={key.id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return full | {"Authorization": value}


def signed_oss(
    key: Key, method: str, bucket: str, name: str, headers: Mapping[str, str], at: datetime
) -> dict[str, str]:
    """The same for OSS, which signs the bucket and the object's name wherever they stand in the address, the body only
    by its Content-MD5, and of the headers Content-Type, Content-MD5 and those of its own."""
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    full = {**headers, "x-oss-content-sha256": "UNSIGNED-PAYLOAD", "x-oss-date": stamp}
    lower = {name.lower(): value.strip() for name, value in full.items()}
    own = {name: value for name, value in lower.items() if name.startswith("x-oss-") or name in _OSS_ALWAYS}
    path = quote(f"/{bucket}/{name}", safe="/-_.~")
    canonical = "\n".join([method, path, "", _lines(own), "", "UNSIGNED-PAYLOAD"])
    scope = f"{stamp[:8]}/{key.region}/oss/aliyun_v4_request"
    signature = _signature("aliyun_v4", "OSS4-HMAC-SHA256", key, stamp, scope, canonical)
    return full | {"Authorization": f"OSS4-HMAC-SHA256 Credential={key.id}/{scope},Signature={signature}"}


_OSS_ALWAYS = ("content-type", "content-md5")


def _lines(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))


def _signature(prefix: str, algorithm: str, key: Key, stamp: str, scope: str, canonical: str) -> str:
    text = "\n".join([algorithm, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    secret = f"{prefix}{key.secret}".encode()
    for part in (*scope.split("/"), text):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    return secret.hex()
