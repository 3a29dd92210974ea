"""Signatures against the documents' own example and against the vendors' SDKs."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import alibabacloud_oss_v2 as oss
import botocore.session
import pytest
from botocore.config import Config

from siyu.packages.signing import Key, signed_s3
from tests.packages.peers import BUCKET, KEY_ID, REGION, SECRET, ObjectStore


def test_the_example_of_the_aws_documents() -> None:
    """ "Example: PUT Object" of "Authenticating Requests: Using the Authorization Header (SigV4)"."""
    key = Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
    headers = {
        "Host": "examplebucket.s3.amazonaws.com",
        "Date": "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
    }
    body = hashlib.sha256(b"Welcome to Amazon S3.").hexdigest()
    signed = signed_s3(key, "PUT", "/test%24file.text", headers, body, datetime(2013, 5, 24, tzinfo=UTC))
    assert signed["Authorization"].endswith(
        "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )


def test_the_receiver_takes_what_the_vendors_own_clients_send(bucket: ObjectStore) -> None:
    """Or the receiver of these tests would prove nothing."""
    s3 = botocore.session.get_session().create_client(
        "s3", region_name=REGION, endpoint_url=bucket.url, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET,
        config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required",
                      proxies={}),
    )  # fmt: skip
    s3.put_object(Bucket=BUCKET, Key="人群/a b+c.csv", Body=b"from boto")
    settings: Any = oss.config.load_default()
    settings.credentials_provider = oss.credentials.StaticCredentialsProvider(KEY_ID, SECRET)
    settings.region, settings.endpoint, settings.use_path_style = REGION, bucket.url, True
    oss.Client(settings).put_object(oss.PutObjectRequest(bucket=BUCKET, key="人群/d e.csv", body=b"from oss"))
    assert bucket.objects == {"人群/a b+c.csv": b"from boto", "人群/d e.csv": b"from oss"}


@pytest.mark.parametrize("broken", ["secret", "region", "body"])
def test_the_receiver_refuses_what_is_signed_wrongly(bucket: ObjectStore, broken: str) -> None:
    key = Key(KEY_ID, SECRET if broken != "secret" else "other", REGION if broken != "region" else "us-west-2")
    digest = hashlib.sha256(b"x").hexdigest()
    headers = signed_s3(key, "PUT", f"/{BUCKET}/a", {"Host": "127.0.0.1"}, digest, datetime.now(UTC))
    lower = {name.lower(): value for name, value in headers.items()}
    status, _ = bucket.judge(f"/{BUCKET}/a", lower, b"y" if broken == "body" else b"x")
    assert status == 403
