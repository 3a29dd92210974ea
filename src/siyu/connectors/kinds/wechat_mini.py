"""WeChat Mini Program (小程序): logins, phone numbers, consents to one message each.

Its pages call the doors ``login``, ``phone`` and ``subscribe``. A login answers a token; the others take only that, so
nobody can tie a phone number to somebody else's openid. WeChat's own push of consents comes to the main address.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec

from siyu.connectors.contract import Call, Connector, Door, Item, Told
from siyu.connectors.kinds import tencent
from siyu.connectors.session import Session
from siyu.delivery import field
from siyu.kit import HOUR, SECOND, BadInput, mask_identifier
from siyu.vendors import Access, BadCallback, Crypto, callbacks, wechat, wechat_fans

_TOKEN_LIFE = 48 * HOUR
_POPUP = re.compile(r"<List>(.*?)</List>", re.S)


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    appid: Annotated[str, field("AppID", "AppID", max_length=64)] = ""
    secret: Annotated[str, field("AppSecret", "AppSecret", secret=True, max_length=128)] = ""
    token: Annotated[
        str,
        field("消息推送 Token", "Push token", "不接收消息推送可留空", "May be empty without message push", secret=True,
              max_length=64),
    ] = ""  # fmt: skip
    encoding_key: Annotated[str, field("EncodingAESKey", "EncodingAESKey", secret=True, max_length=43)] = ""
    api_url: Annotated[str, field("接口地址", "API address", max_length=300)] = wechat.API


class _Login(msgspec.Struct):
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    anonymous_id: Annotated[str, msgspec.Meta(max_length=200)] = ""
    scene: Annotated[str, msgspec.Meta(max_length=60)] = ""


class _Phone(msgspec.Struct):
    token: Annotated[str, msgspec.Meta(max_length=1000)]
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class _Subscribe(msgspec.Struct):
    token: Annotated[str, msgspec.Meta(max_length=1000)]
    templates: Annotated[list[Annotated[str, msgspec.Meta(max_length=80)]], msgspec.Meta(max_length=3)]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


def _api(session: Session) -> Access:
    config = session.config
    return wechat.access(session.outbound, config.api_url.rstrip("/"), config.appid, config.secret)


def _asked(call: Call, kind: type[Any]) -> Any:
    if call.method != "POST" or len(call.body) > 10_000:
        raise BadInput(detail="send a small JSON object by POST.")
    try:
        return msgspec.json.decode(call.body, type=kind)
    except msgspec.MsgspecError as error:
        raise BadInput(detail=str(error)[:200]) from error


def _answer(items: list[Item], **fields: Any) -> Told:
    return Told(items, answer=msgspec.json.encode(fields), media_type="application/json")


def _login(session: Session, call: Call) -> Told:
    """``{code, anonymous_id?, scene?}`` → ``{openid, token}``; ``anonymous_id`` is what the page's SDK calls them."""
    asked: _Login = _asked(call, _Login)
    config: Config = session.config
    who = wechat_fans.login(session.outbound, config.api_url.rstrip("/"), config.appid, config.secret, asked.code)
    ids = ((f"openid.{config.appid}", who.openid), ("unionid", who.unionid), ("device", asked.anonymous_id))
    at = call.now
    item = Item(f"login {asked.code}", at, ids, "mp_visited", {"scene": asked.scene} if asked.scene else {})
    text = msgspec.json.encode([session.install, who.openid, at]).decode()
    return _answer([item], openid=who.openid, token=session.seal(text))


def _holder(session: Session, token: str, now: int) -> str:
    """The openid a token was given for. Raises BadCallback."""
    try:
        install, openid, at = msgspec.json.decode(session.open(token), type=tuple[str, str, int])
    except Exception as error:
        raise BadCallback(detail="the token was not given here.") from error
    if install != session.install or now - at > _TOKEN_LIFE:
        raise BadCallback(detail="the token is too old.")
    return openid


def _phone(session: Session, call: Call) -> Told:
    """``{token, code}`` → ``{mobile}``, masked."""
    asked: _Phone = _asked(call, _Phone)
    openid = _holder(session, asked.token, call.now)
    mobile = wechat_fans.phone(_api(session), asked.code)
    ids = ((f"openid.{session.config.appid}", openid), ("mobile", mobile))
    item = Item(f"phone {asked.code}", call.now, ids, "phone_bound", {"by": "mini_program"})
    return _answer([item], mobile=mask_identifier("mobile", mobile))


def _subscribe(session: Session, call: Call) -> Told:
    """``{token, templates, id}``: templates the customer has just said yes to, each good for one message."""
    asked: _Subscribe = _asked(call, _Subscribe)
    openid = _holder(session, asked.token, call.now)
    return _answer([_grant(session, openid, one, f"{asked.id} {one}", call.now) for one in asked.templates], ok=True)


def _grant(session: Session, openid: str, template: str, id: str, at: int) -> Item:
    ids = ((f"openid.{session.config.appid}", openid),)
    props = {"channel": "mini_program_subscribe", "template_id": template, "count": 1}
    return Item(f"grant {id}", at, ids, "subscribe_granted", props)


def _push(session: Session, call: Call) -> Told:
    """WeChat's message push: the address check and consents given in a prompt. Raises BadCallback."""
    config: Config = session.config
    query = call.query
    stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    callbacks.check_fresh(stamp, call.now)
    if not config.token:
        raise BadCallback(detail="the push token is not set up.")
    if call.method == "GET":
        callbacks.check_signature(query.get("signature", ""), config.token, stamp, nonce)
        return Told(answer=query.get("echostr", "").encode()[:200])
    crypto = Crypto(config.token, config.encoding_key, config.appid)
    outer = tencent.leaves_of(tencent.check_size(call))
    text = crypto.open(outer.get("Encrypt", ""), query.get("msg_signature", ""), stamp, nonce)
    said = tencent.leaves_of(text)
    openid, seconds = said.get("FromUserName", ""), tencent.moment(said, call.now) // SECOND
    if said.get("Event") != "subscribe_msg_popup_event" or not openid:
        return Told(answer=b"success")
    agreed = [
        row["TemplateId"] for row in _rows(text) if row.get("SubscribeStatusString") == "accept" and "TemplateId" in row
    ]
    items = [_grant(session, openid, one, f"{openid} {seconds} {one}", seconds * SECOND) for one in agreed]
    return Told(items, answer=b"success")


def _rows(text: str) -> list[dict[str, Any]]:
    """What was said to each template; as JSON one alone stands in no list."""
    if not tencent.is_json(text):
        return [dict(callbacks.fields_of(row)) for row in _POPUP.findall(text)]
    rows = tencent.json_of(text).get("List") or []
    return [row for row in ([rows] if isinstance(rows, dict) else rows) if isinstance(row, dict)]


def _test(session: Session) -> str:
    _api(session).token()
    return str(session.config.appid)


CONNECTOR = Connector(
    name="wechat_mini",
    zh="微信小程序",
    en="WeChat Mini Program",
    about_zh="登录换 openid 与 unionid、手机号快速验证、订阅消息授权计数。访问行为由神策或 Segment SDK 上报。",
    about_en="Logins, phone numbers, counted consents to messages. Visits come by the Sensors or Segment SDK.",
    grade="documented",
    config=Config,
    needed=("appid", "secret"),
    category="wechat/mini_program",
    doors={
        "": Door(_push, taken=b"success"),
        "login": Door(_login, slow=True, public=True),
        "phone": Door(_phone, slow=True, public=True),
        "subscribe": Door(_subscribe, public=True),
    },
    test=_test,
)
