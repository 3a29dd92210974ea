"""WeChat Official Account (公众号): what followers do, passive replies, their list, tags, parameterised codes.

Proven against wechatpy 1.8.18: plain, compatible and safe mode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from siyu.collect import anchor_of
from siyu.connectors.contract import Call, Change, Connector, Door, Item, Link, Page, Pull, React, Target, Told
from siyu.connectors.kinds import tencent
from siyu.connectors.session import Session
from siyu.delivery import field
from siyu.kit import SECOND
from siyu.vendors import Access, BadCallback, Crypto, VendorRefused, callbacks, wechat, wechat_fans

_STEP = 2_000
_NO_FAN = frozenset({"40003", "49003"})
"""Some openid of the call is of nobody who follows."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    appid: Annotated[str, field("AppID", "AppID", max_length=64)] = ""
    secret: Annotated[str, field("AppSecret", "AppSecret", secret=True, max_length=128)] = ""
    token: Annotated[
        str,
        field(
            "回调 Token", "Callback token", "与公众平台「服务器配置」一致", "As in the platform's server settings",
            secret=True, max_length=64,
        ),
    ] = ""  # fmt: skip
    encoding_key: Annotated[
        str,
        field("EncodingAESKey", "EncodingAESKey", "明文模式可留空", "May be empty in plain mode", secret=True,
              max_length=43),
    ] = ""  # fmt: skip
    mode: Annotated[
        str,
        field(
            "加解密模式", "Encryption", "与公众平台一致", "As on the platform", choices=("safe", "compatible", "plain")
        ),
    ] = "safe"
    follow_reply: Annotated[str, field("关注后回复", "Reply to a follow", long=True, max_length=600)] = ""
    replies: Annotated[
        tuple[tencent.Reply, ...], field("关键词回复", "Keyword replies", max_length=50)
    ] = ()  # fmt: skip
    default_reply: Annotated[str, field("默认回复", "Reply to anything else", long=True, max_length=600)] = ""
    audience_tags: Annotated[
        tuple[tencent.AudienceTag, ...],
        field("人群同步为标签", "Audiences as tags", "进入人群打标签，离开去掉", "Tagged on entry, untagged on leaving",
              max_length=50),
    ] = ()  # fmt: skip
    api_url: Annotated[str, field("接口地址", "API address", max_length=300)] = wechat.API


def _api(session: Session) -> Access:
    config = session.config
    return wechat.access(session.outbound, config.api_url.rstrip("/"), config.appid, config.secret)


def _openid(config: Config) -> str:
    return f"openid.{config.appid}"


def _read(session: Session, call: Call) -> Told:
    """The address check, or what a follower said or did. Raises BadCallback."""
    config: Config = session.config
    query = call.query
    stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    callbacks.check_fresh(stamp, call.now)
    if call.method == "GET":
        callbacks.check_signature(query.get("signature", ""), config.token, stamp, nonce)
        return Told(answer=query.get("echostr", "").encode()[:200])
    sealed = query.get("encrypt_type") == "aes"
    if sealed and config.mode != "plain":
        crypto = Crypto(config.token, config.encoding_key, config.appid)
        said = tencent.unwrapped(call, crypto)
    elif not sealed and config.mode == "plain":
        callbacks.check_signature(query.get("signature", ""), config.token, stamp, nonce)
        crypto, said = None, callbacks.fields_of(tencent.check_size(call))
    else:
        raise BadCallback(detail=f"it does not come in {config.mode} mode.")
    text = _reply_to(session, said)
    answer = _envelope(said, text, call.now, crypto, nonce) if text else ""
    return Told(_items(config, said, call.now), answer=answer.encode(), media_type="application/xml; charset=utf-8")


_ACTS = {
    "subscribe": "oa_followed",
    "unsubscribe": "oa_unfollowed",
    "SCAN": "oa_scanned",
    "CLICK": "oa_menu_clicked",
    "VIEW": "oa_menu_clicked",
    "LOCATION": "oa_located",
    "TEMPLATESENDJOBFINISH": "oa_template_finished",
}


def _items(config: Config, said: Mapping[str, str], now: int) -> list[Item]:
    openid, act = said.get("FromUserName", ""), said.get("Event", "")
    name = _ACTS.get(act, "") if act else "oa_message_received"
    if not (openid and name):
        return []
    at = tencent.moment(dict(said), now)
    id = said.get("MsgId") or f"{openid} {at // SECOND} {act}"
    ids = ((_openid(config), openid), ("unionid", said.get("UnionId", "")))
    return [Item(id, at, ids, name, {k: v for k, v in _props(said, act).items() if v},
                 forget=act == "unsubscribe")]  # fmt: skip


def _props(said: Mapping[str, str], act: str) -> dict[str, Any]:
    key = said.get("EventKey", "")[:500]
    match act:
        case "subscribe" | "SCAN":
            return {"state": key.removeprefix("qrscene_")}
        case "CLICK" | "VIEW":
            return {"key": key}
        case "LOCATION":
            return {"latitude": _degrees(said, "Latitude"), "longitude": _degrees(said, "Longitude")}
        case "TEMPLATESENDJOBFINISH":
            return {"message": said.get("MsgID", ""), "status": said.get("Status", "")[:200]}
        case "":
            return {"msg_type": said.get("MsgType", ""), "text": said.get("Content", "")[:200]}
    return {}


def _degrees(said: Mapping[str, str], name: str) -> float | None:
    try:
        return float(said.get(name, ""))
    except ValueError:
        return None


def _reply_to(session: Session, said: Mapping[str, str]) -> str:
    """The same for the same callback, so that a retry changes nothing."""
    config: Config = session.config
    act, key = said.get("Event", ""), said.get("EventKey", "").removeprefix("qrscene_")
    code = session.codes.get(key) if act in ("subscribe", "SCAN") else None
    if code and code.text:
        return f"{code.text}\n{code.link}".strip()
    if act:
        return config.follow_reply if act == "subscribe" else ""
    text = said.get("Content", "").strip()
    found = next((one.text for one in config.replies if one.word and one.word in text), "")
    return found or (config.default_reply if said.get("MsgType") == "text" else "")


def _envelope(said: Mapping[str, str], text: str, now: int, crypto: Crypto | None, nonce: str) -> str:
    to, me, seconds = said.get("FromUserName", ""), said.get("ToUserName", ""), str(now // SECOND)
    plain = (
        f"<xml><ToUserName>{tencent.cdata(to)}</ToUserName><FromUserName>{tencent.cdata(me)}</FromUserName>"
        f"<CreateTime>{seconds}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{tencent.cdata(text)}</Content></xml>"
    )
    return crypto.envelope(plain, seconds, nonce) if crypto else plain


def _fans(session: Session, cursor: str) -> Page:
    """Up to 2,000 followers behind ``cursor``."""
    api = _api(session)
    openids, total = wechat_fans.fans_after(api, cursor)
    names = wechat_fans.tags(api)
    chosen, calls = openids[:_STEP], 2
    links: list[Link] = []
    for start in range(0, len(chosen), wechat_fans.MOST_INFOS):
        calls += 1
        found = wechat_fans.fans(api, chosen[start : start + wechat_fans.MOST_INFOS])
        links += [_link(session.config, fan, names, session.now_ms()) for fan in found if fan.subscribe]
    return Page(links, cursor=chosen[-1] if chosen else "", calls=calls, total=total)


def _link(config: Config, fan: wechat_fans.Fan, names: Mapping[int, str], now: int) -> Link:
    ids = ((_openid(config), fan.openid), ("unionid", fan.unionid))
    traits = {"oa_tags": sorted(names[tag] for tag in fan.tagid_list if tag in names), "oa_remark": fan.remark}
    traits |= {"oa_language": fan.language}
    began = fan.subscribe_time * SECOND or now
    props = {name: value for name, value in
             (("scene", fan.subscribe_scene), ("state", fan.qr_scene_str)) if value}  # fmt: skip
    followed = Item(f"{fan.openid} {began // SECOND} subscribe", began, ids, "oa_followed", props)
    return Link("fan", _key(config, fan.openid), fan.openid, Item("", now, ids, traits=traits, own=True), followed)


def _key(config: Config, openid: str) -> str:
    """A fan's key in the mirror, which stays when the openid has to be forgotten."""
    return f"{anchor_of(f'{_openid(config)}:{openid}'):x}"


def _fan(session: Session, payload: Mapping[str, Any]) -> Page:
    """Who has just followed: the unionid no callback carries, and the tags of the code they came by."""
    api, openid = _api(session), str(payload["ids"].get(_openid(session.config), ""))
    code = session.codes.get(str(payload.get("state", "")))
    if code and code.tags:
        known = {name: id for id, name in wechat_fans.tags(api).items()}
        for tag in code.tags:
            wechat_fans.tag(api, known.get(tag) or wechat_fans.create_tag(api, tag), [openid])
    names = wechat_fans.tags(api)
    found = [fan for fan in wechat_fans.fans(api, [openid]) if fan.subscribe]
    return Page([_link(session.config, fan, names, session.now_ms()) for fan in found])


def _tag(session: Session, people: Sequence[Mapping[str, str]], name: str, on: bool) -> None:
    """One call for all; where that is refused, one for each, and who follows no more is left out."""
    kind = _openid(session.config)
    openids = [ids[kind] for ids in people if kind in ids]
    api = _api(session)
    known = {label: id for id, label in wechat_fans.tags(api).items()} if openids else {}
    if not openids or not (on or name in known):
        return
    tag = known.get(name) or wechat_fans.create_tag(api, name)
    if _tagged(api, tag, openids, on) or len(openids) == 1:
        return
    for openid in openids:
        _tagged(api, tag, [openid], on)


def _tagged(api: Access, tag: int, openids: Sequence[str], on: bool) -> bool:
    """False when somebody of them follows no more."""
    try:
        wechat_fans.tag(api, tag, openids, on)
    except VendorRefused as error:
        if error.code not in _NO_FAN:
            raise
        return False
    return True


def _change(event: str, _props: Mapping[str, Any], ids: Mapping[str, str]) -> Change | None:
    kind, openid = next(((kind, value) for kind, value in ids.items() if kind.startswith("openid.")), ("", ""))
    if event not in ("oa_followed", "oa_unfollowed") or not openid:
        return None
    return Change("fan", f"{anchor_of(f'{kind}:{openid}'):x}", openid, event == "oa_followed")


def _forgets(session: Session, openid: str) -> tuple[str, str]:
    return _openid(session.config), openid


def _ended(session: Session, _kind: str, openid: str, at: int) -> Item | None:
    ids = ((_openid(session.config), openid),)
    return Item(f"{openid} {at} gone", at, ids, "oa_unfollowed", {"found_by": "list"}, forget=True)


def _code(session: Session, state: str, _staff: str, _name: str) -> Target:
    picture, url = wechat_fans.create_code(_api(session), state)
    return Target(picture, url)


def _test(session: Session) -> str:
    return f"{session.config.appid}: {wechat_fans.fans_after(_api(session), '')[1]}"


CONNECTOR = Connector(
    name="wechat_oa",
    zh="微信公众号",
    en="WeChat Official Account",
    about_zh="关注、取关、扫码、菜单、消息与模板回执；粉丝与标签同步；带参数二维码；关键词回复。",
    about_en="Follows, unfollows, scans, menu, messages, template receipts; followers and tags; codes; replies.",
    grade="proven",
    config=Config,
    needed=("appid", "secret", "token"),
    category="wechat/official_account",
    doors={"": Door(_read)},
    pulls=(Pull("fans", "粉丝", "Followers", _fans, ("fan",), per_minute=600),),
    tasks={"fan": _fan},
    test=_test,
    reacts=(React("oa_followed", "fan"), React("oa_template_finished", "receipt")),
    change=_change,
    ended=_ended,
    forgets=_forgets,
    make_code=_code,
    tag=_tag,
)
