"""Packages on their way: buckets, SFTP, webhooks; schedules, differences, faults."""

from __future__ import annotations

import csv
from typing import Any

import msgspec
import pytest

from siyu.kit import HOUR, MINUTE, ManualClock
from tests.delivery.peers import Receiver
from tests.packages.peers import BUCKET, KEY_ID, REGION, SECRET, ObjectStore, SftpServer
from tests.packages.shop import Shop

IDS = {"columns": ["id"]}


def to_bucket(bucket: ObjectStore, kind: str = "s3", **more: Any) -> dict[str, Any]:
    place = {"kind": kind, "endpoint": bucket.url, "region": REGION, "bucket": BUCKET, "key_id": KEY_ID}
    return {"destination": place | {"path_style": True, "prefix": "人群/每日"} | more, "secret": SECRET}


def to_sftp(sftp: SftpServer, secret: str = "open sesame", **more: Any) -> dict[str, Any]:
    place = {"kind": "sftp", "host": "127.0.0.1", "port": sftp.port, "user": "brand", "host_key": sftp.host_key}
    return {"destination": place | {"folder": "in/daily"} | more, "secret": secret}


@pytest.mark.parametrize("kind", ["s3", "oss"])
def test_to_a_bucket_signed(shop: Shop, bucket: ObjectStore, kind: str) -> None:
    mei = shop.person("mei")
    package = shop.package(shop.audience(), IDS, **to_bucket(bucket, kind))
    run = shop.run(package)
    assert (run["state"], run["answer"], bucket.refused) == ("done", "", [])
    [(name, body)] = bucket.objects.items()
    assert name == f"人群/每日/{run['files'][0]['name']}"
    assert body == shop.file(package, run)
    assert mei in body.decode()
    assert SECRET not in str(shop.desk.get(f"/api/packages/{package['id']}"))
    assert SECRET not in str(shop.audited("package.create"))


@pytest.mark.parametrize("with_key", [False, True])
def test_to_an_sftp_server(shop: Shop, sftp: SftpServer, with_key: bool) -> None:
    mei = shop.person("mei")
    secret = sftp.user_key.export_private_key().decode() if with_key else "open sesame"
    run = shop.run(shop.package(shop.audience(), IDS, **to_sftp(sftp, secret)))
    assert (run["state"], run["answer"]) == ("done", "")
    [file] = (sftp.root / "in" / "daily").iterdir()
    assert file.name == run["files"][0]["name"]
    assert mei in file.read_text("utf-8-sig")


def test_another_host_key_or_password_gets_nothing(shop: Shop, sftp: SftpServer) -> None:
    shop.person("mei")
    audience = shop.audience()
    other = "SHA256:" + "A" * 43
    run = shop.run(shop.package(audience, IDS, **to_sftp(sftp, host_key=other)))
    assert (run["state"], sftp.host_key in run["answer"]) == ("waiting", True)
    run = shop.run(shop.package(audience, IDS, **to_sftp(sftp, "wrong")))
    assert (run["state"], run["attempts"]) == ("waiting", 1)
    assert list(sftp.root.iterdir()) == []


def test_rows_are_posted_in_signed_parts(shop: Shop, receiver: Receiver) -> None:
    shop.desk.send(*[shop.desk.identify(f"u{number}", city="上海") for number in range(1_100)])
    content = {"columns": ["id", "traits.city"], "format": "jsonl"}
    package = shop.package(shop.audience(), content, destination={"kind": "webhook", "url": receiver.url})
    receiver.secret = package["secret"]
    assert shop.desk.get(f"/api/packages/{package['id']}")["secret"] is None
    receiver.answers = [(200, {}), (503, {})]
    run = shop.run(package)
    assert (run["state"], run["answer"][:3]) == ("waiting", "503")
    shop.desk.clock.advance(MINUTE)
    shop.work()
    assert shop.last(package)["state"] == "done"
    parts = [body for key, body in receiver.taken.items() if key.startswith(run["id"])]
    assert sorted((one["part"], one["parts"], len(one["rows"])) for one in parts) == [
        (1, 3, 500), (2, 3, 500), (3, 3, 100),
    ]  # fmt: skip
    assert parts[0]["rows"][0]["traits.city"] == "上海"


def test_every_day_who_came_and_who_left(shop: Shop, bucket: ObjectStore, clock: ManualClock) -> None:
    """The first time everybody; then, at 3 in the shop, what has changed since the last that arrived."""
    mei, lan = shop.person("mei"), shop.person("lan")
    schedule = {"every": "day", "at": "03:00"}
    rule = {"trait": "city", "op": "eq", "value": "上海"}
    package = shop.package(shop.audience(rule), IDS | {"delta": True}, schedule=schedule, **to_bucket(bucket))
    assert package["next_at"] == "2026-03-02T19:00:00.000Z"
    shop.work()
    assert bucket.objects == {}
    clock.advance(17 * HOUR)
    shop.work()
    run = shop.last(package)
    assert (run["why"], run["delta"], run["files"][0]["part"], run["files"][0]["rows"]) == ("schedule", False, "all", 2)
    shop.person("lan", city="北京")
    zhu = shop.person("zhu")
    bucket.answers = [503]
    clock.advance(24 * HOUR)
    shop.work()
    assert shop.last(package)["state"] == "waiting"
    clock.advance(MINUTE)
    shop.work()
    run = shop.last(package)
    assert (run["state"], run["attempts"], run["delta"]) == ("done", 2, True)
    found = {
        name.rsplit("-", 1)[1]: [row["用户编号"] for row in csv.DictReader(body.decode("utf-8-sig").splitlines())]
        for name, body in bucket.objects.items()
        if name.endswith(("-entered.csv", "-left.csv"))
    }
    assert found == {"entered.csv": [zhu], "left.csv": [lan]}
    clock.advance(24 * HOUR)
    shop.work()
    assert [file["rows"] for file in shop.last(package)["files"]] == [0, 0]
    assert mei != zhu


def test_given_up_after_some_tries_and_told(shop: Shop, bucket: ObjectStore, clock: ManualClock) -> None:
    shop.person("mei")
    package = shop.package(shop.audience(), IDS, **(to_bucket(bucket) | {"secret": "wrong"}))
    run = shop.run(package)
    assert "SignatureDoesNotMatch" in run["answer"]
    assert shop.desk.client.post(f"/api/packages/{package['id']}/runs").status_code == 409
    for pause in (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR):
        clock.advance(pause)
        shop.work()
    run = shop.last(package)
    assert (run["state"], run["attempts"], bucket.objects) == ("failed", 6, {})
    fixed = {"name": "春季包", "audience": package["audience"], "content": IDS} | to_bucket(bucket)
    changed = shop.desk.put(f"/api/packages/{package['id']}", fixed)
    assert (changed["has_secret"], shop.run(changed)["state"]) == (True, "done")


def test_a_secret_is_never_sent_to_another_peer(shop: Shop, bucket: ObjectStore) -> None:
    package = shop.package(shop.audience(), IDS, **to_bucket(bucket))
    path = f"/api/packages/{package['id']}"
    body: dict[str, Any] = {"name": "新名", "audience": package["audience"], "content": IDS}
    kept = body | {"destination": to_bucket(bucket, prefix="x")["destination"]}
    assert shop.desk.put(path, kept)["name"] == "新名"
    elsewhere = body | {"destination": to_bucket(bucket, endpoint="https://evil.example")["destination"]}
    answer = shop.desk.client.put(path, json=elsewhere, headers={"If-Match": '"2"'})
    assert (answer.status_code, answer.json()["code"]) == (422, "package_secret_needed")
    assert shop.desk.client.put(path, json=kept, headers={"If-Match": '"1"'}).status_code == 412


@pytest.fixture
def confined(shop: Shop) -> Shop:
    """A shop whose host does not let it call its own network."""
    shop.desk.store.settings = msgspec.structs.replace(shop.desk.store.settings, allow_private_outbound=False)
    return shop


def test_internal_addresses_are_refused_by_default(
    confined: Shop, bucket: ObjectStore, sftp: SftpServer, receiver: Receiver
) -> None:
    confined.person("mei")
    audience = confined.audience()
    rows = IDS | {"format": "jsonl"}
    for content, where in (
        (IDS, to_bucket(bucket)),
        (IDS, to_sftp(sftp)),
        (rows, {"destination": {"kind": "webhook", "url": receiver.url}}),
    ):
        run = confined.run(confined.package(audience, content, **where))
        assert (run["state"], "internal address" in run["answer"]) == ("waiting", True)
    assert (bucket.objects, bucket.refused, list(sftp.root.iterdir()), receiver.calls) == ({}, [], [], [])
