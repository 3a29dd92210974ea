"""The Sensors protocol: every request form, every record type, with the client's own encoders where there are any."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sensorsanalytics.sdk import BatchConsumer, DefaultConsumer, SensorsAnalytics, SensorsAnalyticsIdentity

from siyu.collect.sources import segment, sensors, sensors_values
from siyu.collect.types import Decoded, Record, TraitOp
from siyu.kit import BadInput, Settings, TooLarge

NOW = 1_780_000_000_000
SETTINGS = Settings()
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Taped:
    """Keeps the bodies a real consumer would have sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def _do_request(self, data: dict[str, Any]) -> bool:
        self.bodies.append(urlencode(data).encode())
        return True


class TapedDefault(Taped, DefaultConsumer):
    def __init__(self) -> None:
        Taped.__init__(self)
        DefaultConsumer.__init__(self, "http://unused/sa")


class TapedBatch(Taped, BatchConsumer):
    def __init__(self) -> None:
        Taped.__init__(self)
        BatchConsumer.__init__(self, "http://unused/sa")


def read(body: bytes, now: int = NOW) -> Decoded:
    return sensors.decode(sensors.unpack("POST", b"", FORM, body, SETTINGS), now, "src_1", SETTINGS.max_event_bytes)


def take(*records: dict[str, Any], now: int = NOW) -> Decoded:
    return sensors.decode(json.dumps(records).encode(), now, "src_1", SETTINGS.max_event_bytes)


def one(**given: Any) -> Record:
    out = take({"type": "track", "time": NOW - 5000, "event": "Buy", "distinct_id": "d1", "properties": {}} | given)
    assert not out.rejects
    return out.records[0]


def fault(**given: Any) -> str:
    out = take({"type": "track", "time": NOW - 5000, "event": "Buy", "distinct_id": "d1", "properties": {}} | given)
    assert not out.records
    return out.rejects[0].reason


NAMES = st.from_regex(r"[a-zA-Z][a-z]{0,12}_x", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30).filter(lambda t: len(t) < 19)
VALUES = st.one_of(TEXTS, st.integers(-(2**53), 2**53), st.booleans(), st.lists(TEXTS, max_size=3))


@given(st.lists(st.tuples(st.from_regex(r"u[0-9]{1,9}", fullmatch=True), st.dictionaries(NAMES, VALUES)), min_size=1))
def test_what_the_batch_client_sends_comes_out_whole(sent: list[tuple[str, dict[str, Any]]]) -> None:
    consumer = TapedBatch()
    client = SensorsAnalytics(consumer)
    for user, props in sent:
        client.track(user, "ViewItem", dict(props) | {"$time": NOW - 1000}, is_login_id=True)
    client.close()
    records = [record for body in consumer.bodies for record in read(body).records]
    assert [record.ids for record in records] == [(f"user_id:{user}",) for user, _ in sent]
    assert [json.loads(record.props) for record in records] == [props for _, props in sent]


@given(st.dictionaries(NAMES, VALUES))
def test_what_the_default_client_sends_comes_out_whole(props: dict[str, Any]) -> None:
    consumer = TapedDefault()
    SensorsAnalytics(consumer).track("cookie-1", "ViewItem", dict(props))
    out = read(consumer.bodies[0], now=sensors_values.epoch_ms(NOW * 2) or 0)
    assert json.loads(out.records[0].props) == props
    assert out.records[0].ids == ("device:cookie-1",)
    assert json.loads(out.records[0].context)["$lib"] == "python"


def b64(payload: Any, packed: bool = False) -> bytes:
    text = json.dumps(payload, ensure_ascii=False).encode()
    return base64.b64encode(gzip.compress(text) if packed else text)


RECORD = {
    "type": "track",
    "time": NOW - 5000,
    "event": "Buy",
    "distinct_id": "d1",
    "properties": {"城市_x": 1, "a": ">>>???"},
}
RECORD["properties"] = {"city": "上海>>>???~~~", "n": 1}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("many", [True, False])
def test_every_form_gives_the_same_record(packed: bool, many: bool) -> None:
    name = b"data_list" if many else b"data"
    raw = b64([RECORD] if many else RECORD, packed)
    crc = quote(f"crc={sensors.crc_of(raw)}").encode()
    escaped = quote(raw.decode(), safe="").encode()
    expected = take(RECORD).records
    urlsafe = raw.replace(b"+", b"-").replace(b"/", b"_").rstrip(b"=")
    requests = [
        ("GET", b"project=p&" + name + b"=" + escaped + b"&ext=" + crc, b""),
        ("GET", name + b"=" + raw.replace(b"+", b" "), b""),
        ("GET", name + b"=" + raw.replace(b"+", b"%20"), b""),
        ("POST", b"project=p", name + b"=" + escaped + b"&gzip=" + (b"1" if packed else b"0")),
        ("POST", b"", name + b"=" + raw),
        ("POST", b"", name + b"=" + urlsafe),
        ("POST", b"", gzip.compress(name + b"=" + escaped)),
        ("POST", name + b"=" + escaped, b""),
        ("POST", b"", json.dumps([RECORD] if many else RECORD).encode()),
        ("POST", b"", name + b"=" + quote(json.dumps([RECORD] if many else RECORD)).encode()),
    ]
    for method, query, body in requests:
        for headers in (FORM, {"content-type": "text/plain"}, {}):
            text = sensors.unpack(method, query, headers, body, SETTINGS)
            assert sensors.decode(text, NOW, "src_1", 65536).records == expected, (method, query[:40], body[:40])


def test_a_wrong_crc_is_only_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    body = b"data=" + quote(b64(RECORD).decode(), safe="").encode() + b"&ext=crc%3D12345"
    assert read(body).records
    assert "crc" in caplog.text


@pytest.mark.parametrize(("text", "crc"), [(b"", 0), (b"a", 97), (b"eyJhIjoxfQ==", 411541081)])
def test_crc(text: bytes, crc: int) -> None:
    value = 0
    for letter in text:
        value = (31 * value + letter + 2**31) % 2**32 - 2**31
    assert sensors.crc_of(text) == value
    if text in (b"", b"a"):
        assert value == crc


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", BadInput),
        (b"nothing=1", BadInput),
        (b"data=%%%", BadInput),
        (b"data=" + base64.b64encode(b"\x1f\x8bnot gzip"), BadInput),
        (b"data=" + base64.b64encode(gzip.compress(b'{"a":1}', mtime=0)[:-4]).replace(b"+", b"%2B"), BadInput),
        (b"data=" + base64.b64encode(b"plain words"), BadInput),
        (b"data_list=" + base64.b64encode(gzip.compress(b"[" + b" " * (17 << 20) + b"]", mtime=0)), TooLarge),
    ],
)
def test_a_broken_request_is_named(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        sensors.unpack("POST", b"", FORM, body, SETTINGS)


def test_broken_json_is_named() -> None:
    with pytest.raises(BadInput, match="not valid JSON"):
        sensors.decode(b'[{"type":]', NOW, "src_1", 65536)


# --- who


def test_identities_become_identifiers() -> None:
    record = one(
        identities={
            "$identity_login_id": "42",
            "$identity_mobile": "138 1234 5678",
            "$identity_email": "A@B.cn",
            "$identity_cookie_id": "c-1",
            "$identity_android_id": "and-1",
            "$identity_idfv": "idfv-1",
            "$identity_mp_wx123abc_openid": "oAbc",
            "$identity_mp_unionid": "uAbc",
            "crm_no": "K7",
        },
        login_id="42",
        anonymous_id="c-1",
        distinct_id="42",
    )
    assert record.ids == (
        "unionid:uAbc",
        "mobile:+8613812345678",
        "user_id:42",
        "openid.wx123abc:oAbc",
        "email:a@b.cn",
        "custom.crm_no:K7",
        "device:and-1",
        "device:c-1",
        "device:idfv-1",
    )


@pytest.mark.parametrize(
    ("given_", "ids"),
    [
        ({"distinct_id": "d1"}, ("device:d1",)),
        ({"distinct_id": 77.0, "properties": {"$is_login_id": True}}, ("user_id:77",)),
        ({"distinct_id": "u1", "login_id": "u1", "anonymous_id": "c1"}, ("user_id:u1", "device:c1")),
        ({"distinct_id": "$identity_mobile+13812345678"}, ("mobile:+8613812345678",)),
        ({"distinct_id": "crm_no+K7", "identities": {"crm_no": "K7"}}, ("custom.crm_no:K7",)),
        ({"distinct_id": "a+b"}, ("device:a+b",)),
        (
            {"type": "track_signup", "event": "$SignUp", "distinct_id": "u1", "original_id": "c1"},
            ("user_id:u1", "device:c1"),
        ),
        (
            {"type": "track_id_unbind", "event": "$UnbindID", "distinct_id": "u1", "login_id": "u1",
             "identities": {"$identity_mobile": "13812345678"}},
            ("mobile:+8613812345678",),
        ),
        ({"distinct_id": "null", "identities": {"$identity_email": "a@b.cn"}}, ("email:a@b.cn",)),
    ],
)  # fmt: skip
def test_distinct_id_is_a_login_or_an_anonymous_id(given_: dict[str, Any], ids: tuple[str, ...]) -> None:
    assert one(**given_).ids == ids


def test_bind_joins_what_the_client_names() -> None:
    consumer = TapedDefault()
    client = SensorsAnalytics(consumer)
    client.bind(
        SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.MOBILE, "13812345678"),
        SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.EMAIL, "a@b.cn"),
    )
    client.unbind(SensorsAnalyticsIdentity(SensorsAnalyticsIdentity.EMAIL, "a@b.cn"))
    bound, unbound = (read(body, now=NOW * 2).records[0] for body in consumer.bodies)
    assert (bound.event, bound.ids) == ("$BindID", ("mobile:+8613812345678", "email:a@b.cn"))
    assert (unbound.event, unbound.ids) == ("$UnbindID", ("email:a@b.cn",))


# --- what


def test_profile_records_become_trait_changes() -> None:
    consumer = TapedDefault()
    client = SensorsAnalytics(consumer)
    client.profile_set("u1", {"city": "上海", "vip": True}, is_login_id=True)
    client.profile_set_once("u1", {"born": datetime.fromisoformat("1990-01-02T03:04:05.005")}, is_login_id=True)
    client.profile_increment("u1", {"games": 3}, is_login_id=True)
    client.profile_append("u1", {"movies": ["a", "b"]}, is_login_id=True)
    client.profile_unset("u1", ["city"], is_login_id=True)
    client.profile_delete("u1", is_login_id=True)
    records = [read(body, now=NOW * 2).records[0] for body in consumer.bodies]
    assert {record.event for record in records} == {""}
    assert {record.ids for record in records} == {("user_id:u1",)}
    assert [record.traits for record in records] == [
        (TraitOp("set", "city", '"上海"'), TraitOp("set", "vip", "true")),
        (TraitOp("set_once", "born", '"1990-01-02T03:04:05.005+08:00"'),),
        (TraitOp("increment", "games", "3"),),
        (TraitOp("append", "movies", '["a","b"]'),),
        (TraitOp("unset", "city", ""),),
        (TraitOp("delete", "", ""),),
    ]


def test_items_are_events_of_nobody() -> None:
    consumer = TapedDefault()
    client = SensorsAnalytics(consumer)
    client.item_set("book", "0321714113", {"price": 58.5})
    client.item_delete("book", "0321714113")
    records = [read(body, now=NOW * 2).records[0] for body in consumer.bodies]
    assert [(record.event, record.ids) for record in records] == [("item_set", ()), ("item_delete", ())]
    assert json.loads(records[0].props) == {"item_type": "book", "item_id": "0321714113", "price": 58.5}


def test_presets_go_to_the_context_and_custom_names_to_the_properties() -> None:
    record = one(event="$pageview", properties={"$os": "iOS", "$url": "https://a.cn/x", "$title": "t", "shelf": "A"},
                 lib={"$lib": "js", "$lib_method": "code", "$lib_version": "1"})  # fmt: skip
    assert record.event == "page_viewed"
    assert json.loads(record.props) == {"shelf": "A", "url": "https://a.cn/x", "title": "t"}
    assert json.loads(record.context)["$os"] == "iOS"
    assert json.loads(record.context)["$lib_method"] == "code"


@pytest.mark.parametrize("text", ["url的domain解析失败", "未取到值_直接打开", "取值异常_referrer异常_http://x"])
def test_placeholder_texts_are_null(text: str) -> None:
    record = one(properties={"$latest_search_keyword": text, "word": text})
    assert json.loads(record.context)["$latest_search_keyword"] is None
    assert json.loads(record.props)["word"] is None


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-01-02 12:00:00.5", "2026-01-02T12:00:00.005+08:00"),
        ("2026-01-02 12:00:00.05", "2026-01-02T12:00:00.005+08:00"),
        ("2026-01-02 12:00:00.50", "2026-01-02T12:00:00.050+08:00"),
        ("2026-01-02 12:00:00.500", "2026-01-02T12:00:00.500+08:00"),
        ("2026-01-02 12:00:00", "2026-01-02T12:00:00.000+08:00"),
        ("2026-13-02 12:00:00", "2026-13-02 12:00:00"),
        ("2026-01-02", "2026-01-02"),
    ],
)
def test_times_without_padding(text: str, iso: str) -> None:
    assert json.loads(one(properties={"at": text}).props) == {"at": iso}


def test_the_browsers_zone_counts() -> None:
    record = one(properties={"at": "2026-01-02 12:00:00", "$timezone_offset": 300})
    assert json.loads(record.props)["at"] == "2026-01-02T12:00:00.000-05:00"


@given(st.datetimes(datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2100-01-01")))
def test_a_time_from_the_python_client_is_that_time(moment: datetime) -> None:
    text = json.loads(SensorsAnalytics._json_dumps({"t": moment}))["t"]
    read_back = datetime.fromisoformat(sensors_values.iso_time(text)).replace(tzinfo=None)
    assert read_back == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_orders_are_known_by_their_number() -> None:
    first = one(event="PayOrder", properties={"order_id": "A1", "revenue": "19.90"})
    again = one(event="PayOrder", properties={"order_id": "A1", "revenue": "19.90"}, time=NOW - 1)
    assert (first.event, first.order, first.amount) == ("order_paid", "A1", 1990)
    assert (first.key, first.bucket) == (again.key, again.bucket)


def test_an_order_may_be_refunded_in_parts() -> None:
    parts = [one(event="order_refunded", properties={"order_id": "A1", "total": n}, _track_id=n) for n in (1, 2)]
    assert {part.order for part in parts} == {"A1"}
    assert parts[0].key != parts[1].key


# --- when


def test_a_refund_with_a_number_is_the_same_by_every_door() -> None:
    props = {"order_id": "A1", "refund_id": "R1", "total": 1}
    first, again = (one(event="order_refunded", properties=props, _track_id=n, time=NOW - n) for n in (1, 2))
    item = {"type": "track", "userId": "u1", "event": "Order Refunded", "messageId": "m1", "properties": props}
    told = segment.decode(json.dumps({"batch": [item]}).encode(), NOW, "src_2", SETTINGS.max_event_bytes).records[0]
    assert {(record.key, record.bucket, record.amount) for record in (first, again, told)} == {(first.key, 0, 100)}


def test_the_flush_time_corrects_a_wrong_clock() -> None:
    ahead = 3_600_000
    record = one(time=NOW + ahead - 5000, _flush_time=NOW + ahead - 1000)
    assert record.time == NOW - 4000
    assert record.bucket == (NOW + ahead - 5000) // 1000


def test_time_free_is_not_corrected() -> None:
    assert one(time=NOW - 10**10, _flush_time=NOW - 10**10 + 5, time_free=True).time == NOW - 10**10


def test_seconds_are_taken_as_seconds() -> None:
    assert one(time=NOW // 1000 - 5).time == NOW // 1000 * 1000 - 5000


# --- once


def test_a_repeat_has_the_same_key_and_another_record_has_not() -> None:
    base = one(_track_id=1, _flush_time=NOW - 10)
    assert one(_track_id=1, _flush_time=NOW - 3).key == base.key
    others = [one(_track_id=2), one(_track_id=1, time=NOW - 4999), one(_track_id=1, distinct_id="d2"),
              one(_track_id=1, event="Sell"), one(), one(properties={"n": 1})]  # fmt: skip
    assert len({record.key for record in [base, *others]}) == 7
    assert one(properties={"n": 1}).key == one(properties={"n": 1}, _flush_time=NOW - 3).key


# --- what can't be taken


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        ({"type": "dance"}, "unknown_type"),
        ({"type": None}, "wrong_type"),
        ({"time": None}, "no_time"),
        ({"time": "soon"}, "bad_time"),
        ({"time": 10**30, "_flush_time": 10**30}, "bad_time"),
        ({"time": 0}, "time_too_old"),
        ({"time": NOW + 2 * 86_400_000}, "time_in_future"),
        ({"event": None}, "no_event_name"),
        ({"event": "has space"}, "bad_name"),
        ({"event": "a" * 101}, "bad_name"),
        ({"event": "date"}, "bad_name"),
        ({"properties": {"user_id": 1}}, "bad_name"),
        ({"properties": {"user_tag_x": 1}}, "bad_name"),
        ({"properties": {"1x": 1}}, "bad_name"),
        ({"properties": {"x": "é" * 8192}}, "too_long"),
        ({"properties": {"x": [1]}}, "bad_value"),
        ({"properties": {"x": {"y": 1}}}, "bad_value"),
        ({"properties": {"x": 2**63}}, "bad_value"),
        ({"properties": [1]}, "wrong_type"),
        ({"distinct_id": "x" * 256}, "too_long"),
        ({"distinct_id": None}, "no_identifier"),
        ({"distinct_id": "undefined"}, "blocked_identifier"),
        ({"event": "PayOrder", "properties": {"revenue": "lots"}}, "bad_amount"),
        ({"type": "profile_increment", "properties": {"n": "x"}}, "bad_value"),
        ({"type": "item_set"}, "no_identifier"),
    ],
)
def test_a_record_that_cant_be_taken_says_why(given_: dict[str, Any], reason: str) -> None:
    assert fault(**given_) == reason


def test_neighbours_of_a_bad_record_are_kept() -> None:
    good = {"type": "track", "time": NOW, "event": "Buy", "distinct_id": "d1", "properties": {}}
    out = take(good, {"type": 7}, good | {"distinct_id": "d2"})
    assert [record.ids for record in out.records] == [("device:d1",), ("device:d2",)]
    assert [(reject.index, json.loads(reject.record)) for reject in out.rejects] == [(1, {"type": 7})]
    assert sensors.decode(b"[1, 2]", NOW, "s", 99).rejects[0].reason == "wrong_type"


SCALARS = (
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8) | st.integers()
)
FIELDS = st.sampled_from([*sensors.Wire.__struct_encode_fields__, "x"])


@given(st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=6)))
def test_any_json_is_taken_or_refused(payload: Any) -> None:
    out = sensors.decode(json.dumps([payload]).encode(), NOW, "s", 65536)
    assert len(out.records) + len(out.rejects) == 1
