"""WeCom (企业微信): contacts, groups and staff; what changes by callback and, each night, what changed without one.

Proven against wechatpy 1.8.18 for the callbacks' envelope; calls by documentation and a strict local server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from siyu.connectors.contract import (
    Act,
    Call,
    Change,
    Connector,
    Done,
    Door,
    Item,
    Link,
    Page,
    Pull,
    React,
    Target,
    Task,
    Told,
)
from siyu.connectors.kinds import tencent, wecom_moments
from siyu.connectors.session import Session
from siyu.delivery import field
from siyu.kit import HOUR, SECOND
from siyu.vendors import Access, Crypto, VendorRefused, callbacks, wecom, wecom_contacts

_GROUPS_A_STEP = 20
_PENDING = "custom.wecom_pending"
_GONE = frozenset({"84061", "40096"})
"""Nobody's contact any more."""
_NO_GROUP = "49008"
_MOST_LEFT = 1_000
_LOOKS = (25 * HOUR, 49 * HOUR)
"""When a hand-over is looked at: it takes 24 hours unless the customer says no."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    corp_id: Annotated[str, field("企业 ID", "Corp id", max_length=64)] = ""
    secret: Annotated[
        str, field("应用 Secret", "Application secret", "需有客户联系权限", "With customer contact", secret=True,
                   max_length=128),
    ] = ""  # fmt: skip
    token: Annotated[str, field("回调 Token", "Callback token", secret=True, max_length=64)] = ""
    encoding_key: Annotated[str, field("EncodingAESKey", "EncodingAESKey", secret=True, max_length=43)] = ""
    welcome: Annotated[
        str, field("默认欢迎语", "Welcome message", "渠道活码自己的欢迎语优先；留空不发",
                   "A channel code's own comes first; empty: none", long=True, max_length=600),
    ] = ""  # fmt: skip
    tag_group: Annotated[
        str, field("标签组", "Tag group", "新标签建在这一组", "New tags are made here", max_length=30)
    ] = "Siyu"
    audience_tags: Annotated[
        tuple[tencent.AudienceTag, ...],
        field("人群同步为标签", "Audiences as tags", "进入人群打标签，离开去掉", "Tagged on entry, untagged on leaving",
              max_length=50),
    ] = ()  # fmt: skip
    convert_ids: Annotated[
        bool, field("换算待定 ID", "Convert pending ids", "小程序登录的人与日后的企微好友自动认作一人",
                    "Ties who logs in to the Mini Program to the WeCom friend they become"),
    ] = False  # fmt: skip
    api_url: Annotated[str, field("接口地址", "API address", max_length=300)] = wecom.API


def _api(session: Session) -> Access:
    config = session.config
    return wecom.access(session.outbound, config.api_url.rstrip("/"), config.corp_id, config.secret)


# --- callbacks


def _read(session: Session, call: Call) -> Told:
    """The address check, or what changed. Raises BadCallback."""
    config: Config = session.config
    crypto = Crypto(config.token, config.encoding_key, config.corp_id)
    if call.method == "GET":
        query = call.query
        stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        callbacks.check_fresh(stamp, call.now)
        echo = crypto.open(query.get("echostr", ""), query.get("msg_signature", ""), stamp, nonce)
        return Told(answer=echo.encode())
    said = tencent.unwrapped(call, crypto)
    kind, change = said.get("Event", ""), said.get("ChangeType", "")
    at = tencent.moment(said, call.now)
    if kind == "change_external_contact":
        return Told(_contact_items(said, change, at), answer=b"success")
    if kind == "change_external_chat":
        chat = said.get("ChatId", "")
        name = "group_gone" if change == "dismiss" else "group"
        return Told(tasks=[Task(name, chat, {"chat": chat, "at": at})] if chat else (), answer=b"success")
    return Told(answer=b"success")


_CHANGES = {
    "add_external_contact": "wecom_friend_added",
    "add_half_external_contact": "wecom_friend_added",
    "edit_external_contact": "wecom_contact_edited",
    "del_external_contact": "wecom_link_ended",
    "del_follow_user": "wecom_link_ended",
    "transfer_fail": "wecom_transfer_failed",
}


def _contact_items(said: Mapping[str, str], change: str, at: int) -> list[Item]:
    """``wecom_friend_removed`` follows by itself when the last member's link has ended."""
    external, staff, name = said.get("ExternalUserID", ""), said.get("UserID", ""), _CHANGES.get(change, "")
    if not (external and staff and name):
        return []
    props = {"staff": staff, "state": said.get("State", ""), "welcome_code": said.get("WelcomeCode", "")}
    props |= {"fail_reason": said.get("FailReason", "")}
    if name == "wecom_link_ended":
        props["by"] = "staff" if change == "del_external_contact" else "customer"
    label = "added" if name == "wecom_friend_added" else change
    kept = {key: value for key, value in props.items() if value}
    return [Item(f"{external} {staff} {label} {at // SECOND}", at, (("external_userid", external),), name, kept)]


def _change(event: str, props: Mapping[str, Any], ids: Mapping[str, str]) -> Change | None:
    external, staff = ids.get("external_userid", ""), str(props.get("staff", ""))
    if event not in ("wecom_friend_added", "wecom_link_ended") or not (external and staff):
        return None
    return Change("friend", f"{external} {staff}", external, event == "wecom_friend_added")


def _ended(_session: Session, kind: str, owner: str, at: int) -> Item | None:
    names = {"friend": "wecom_friend_removed", "member": "group_left"}
    if kind not in names:
        return None
    return Item(f"{kind} {owner} gone {at}", at, (("external_userid", owner),), names[kind])


def _held(kind: str, owner: str, keys: Sequence[str], at: int) -> Item | None:
    """The members who have a contact."""
    staff = [key.partition(" ")[2] for key in keys]
    ids = (("external_userid", owner),)
    return Item(f"{owner} of {staff} {at}", at, ids, traits={"wecom_staff": staff}) if kind == "friend" else None


# --- lists


class _Place(msgspec.Struct):
    """Where the contacts' pull stands: members still to read, those being read, the vendor's cursor in them, and how
    many members there are."""

    rest: list[str]
    now: list[str] = []
    at: str = ""
    all: int = 0


def _contacts(session: Session, cursor: str) -> Page:
    """A page of contacts of up to 100 members at a time."""
    api, calls = _api(session), 1
    place = msgspec.json.decode(cursor, type=_Place) if cursor else _Place(sorted(wecom_contacts.serving_staff(api)))
    place.all = place.all or len(place.rest)
    if not place.now:
        place.now, place.rest = place.rest[: wecom_contacts.MOST_STAFF], place.rest[wecom_contacts.MOST_STAFF :]
    if not place.now:
        return Page()
    names = wecom_contacts.corp_tags(api)
    pairs, place.at = wecom_contacts.contacts_of(api, place.now, place.at)
    if not place.at:
        place.now = []
    more = place.at or place.rest
    links = [_friend(pair.external_contact, [pair.follow_info], names, session.now_ms()) for pair in pairs]
    return Page(
        [link for one in links for link in one],
        cursor=msgspec.json.encode(place).decode() if more else "",
        calls=calls + 2,
    )


def _contacts_read(cursor: str) -> float:
    """By members, as far as they have been begun; nobody tells how many contacts there are."""
    if not cursor:
        return 0.0
    place = msgspec.json.decode(cursor, type=_Place)
    return (place.all - len(place.rest) - len(place.now)) / max(1, place.all)


def _friend(
    who: wecom_contacts.Contact, follows: Sequence[wecom_contacts.Follow], names: Mapping[str, str], now: int
) -> list[Link]:
    """A link for every member who has them; what is known goes with the first."""
    ids = (("external_userid", who.external_userid), ("unionid", who.unionid))
    tags = {names.get(id, "") for one in follows for id in one.tag_id}
    tags |= {tag.tag_name for one in follows for tag in one.tags}
    remarks = [one.remark for one in follows if one.remark]
    traits = {"wecom_name": who.name, "wecom_remark": remarks[0] if remarks else "", "wecom_tags": sorted(tags - {""})}
    known, links = Item("", now, ids, traits=traits), []
    for one in follows:
        began = one.createtime * SECOND or now
        props = {"staff": one.userid, "state": one.state, "add_way": one.add_way}
        id = f"{who.external_userid} {one.userid} added {began // SECOND}"
        added = Item(id, began, ids, "wecom_friend_added", {key: value for key, value in props.items() if value})
        key = f"{who.external_userid} {one.userid}"
        links.append(Link("friend", key, who.external_userid, known, added))
    return links


class _Chats(msgspec.Struct):
    rest: list[str] = []
    at: str = ""
    last: bool = False


def _groups(session: Session, cursor: str) -> Page:
    """The members of up to 20 groups."""
    api, calls = _api(session), 0
    place = msgspec.json.decode(cursor, type=_Chats) if cursor else _Chats()
    if not place.rest and not place.last:
        place.rest, place.at = wecom_contacts.groups(api, place.at)
        place.last, calls = not place.at, 1
    chosen, place.rest = place.rest[:_GROUPS_A_STEP], place.rest[_GROUPS_A_STEP:]
    links = [link for chat in chosen for link in _members(api, chat, session.now_ms())]
    more = place.rest or not place.last
    return Page(links, cursor=msgspec.json.encode(place).decode() if more else "", calls=calls + len(chosen))


def _members(api: Access, chat: str, now: int) -> list[Link]:
    """Customers in a group; nobody where it is no more."""
    try:
        group = wecom_contacts.group(api, chat)
    except VendorRefused as error:
        if error.code != _NO_GROUP:
            raise
        return []
    links = []
    for one in group.member_list:
        if one.type != 2:
            continue
        ids = (("external_userid", one.userid), ("unionid", one.unionid))
        at = one.join_time * SECOND or now
        props = {"group": group.chat_id, "group_name": group.name, "state": one.state}
        joined = Item(
            f"{group.chat_id} {one.userid} joined {at // SECOND}", at, ids, "group_joined",
            {key: value for key, value in props.items() if value},
        )  # fmt: skip
        known = Item("", now, ids) if one.unionid else None
        links.append(Link("member", f"{group.chat_id} {one.userid}", one.userid, known, joined))
    return links


def _staff(session: Session, cursor: str) -> Page:
    """The members of one department, with the names of all above it."""
    api = _api(session)
    tree = wecom_contacts.departments(api)
    rest = msgspec.json.decode(cursor, type=list[int]) if cursor else sorted(tree)
    if not rest:
        return Page()
    links = []
    for one in wecom_contacts.staff_of(api, rest[0]):
        paths = sorted(_path(tree, number) for number in one.department)
        data = msgspec.json.encode({"name": one.name, "departments": paths}).decode()
        links.append(Link("staff", one.userid, one.userid, data=data))
    return Page(links, cursor=msgspec.json.encode(rest[1:]).decode() if rest[1:] else "", calls=2)


def _path(tree: Mapping[int, tuple[str, int]], number: int) -> str:
    names: list[str] = []
    while number in tree and len(names) < 20:
        name, number = tree[number]
        names.append(name)
    return " / ".join(reversed(names))


def _moments(session: Session, cursor: str) -> Page:
    return wecom_moments.answers(_api(session), session.now_ms() // SECOND, cursor)


# --- what callbacks and codes cause


def _contact(session: Session, payload: Mapping[str, Any]) -> Page:
    """One contact as it stands now: friendships, names, tags; the tags of the code they came by are given."""
    api, external = _api(session), str(payload["ids"].get("external_userid", ""))
    friends = (("friend", f"{external} "),)
    try:
        who, follows = wecom_contacts.contact(api, external)
    except VendorRefused as error:
        if error.code in _GONE:
            return Page(complete=friends)
        raise
    code = session.codes.get(str(payload.get("state", "")))
    staff = str(payload.get("staff", ""))
    if code and code.tags and any(one.userid == staff for one in follows):
        wecom_contacts.mark(api, staff, external, _tag_ids(session, api, code.tags))
        who, follows = wecom_contacts.contact(api, external)
    items = [] if who.unionid or not session.config.convert_ids else _pending(api, external, session.now_ms())
    return Page(_friend(who, follows, {}, session.now_ms()), items, complete=friends)


def _pending(api: Access, external: str, now: int) -> list[Item]:
    found = wecom_contacts.pending_of(api, [external])
    return [Item(f"{external} pending", now, (("external_userid", external), (_PENDING, id))) for id in found.values()]


def _convert(session: Session, payload: Mapping[str, Any]) -> Page:
    """Who has a unionid: the contact they are, or the pending id they have until they become one."""
    if not session.config.convert_ids:
        return Page()
    unionid = str(payload["ids"]["unionid"])
    openid = next((value for kind, value in payload["ids"].items() if kind.startswith("openid.")), "")
    external, pending = wecom_contacts.id_of(_api(session), unionid, openid)
    ids = (("unionid", unionid), ("external_userid", external), (_PENDING, pending))
    return Page(items=[Item(f"{unionid} converted", session.now_ms(), ids)] if external or pending else ())


def _welcome(session: Session, payload: Mapping[str, Any]) -> Page:
    """欢迎语, once, within 20 s. One that was sent already, or came too late, can't be sent again."""
    code, text = session.codes.get(str(payload.get("state", ""))), session.config.welcome
    link = code.link if code else ""
    text = (code.text if code else "") or text
    if payload.get("welcome_code") and (text or link):
        try:
            wecom.send_welcome(_api(session), str(payload["welcome_code"]), wecom.content(text, link, text[:30]))
        except VendorRefused as error:
            if error.verdict.reason not in ("welcome_done", "welcome_late"):
                raise
    return Page()


def _group(session: Session, payload: Mapping[str, Any]) -> Page:
    """One group's members as they stand now."""
    chat = str(payload["chat"])
    return Page(_members(_api(session), chat, session.now_ms()), complete=(("member", f"{chat} "),))


def _group_gone(_session: Session, payload: Mapping[str, Any]) -> Page:
    return Page(complete=(("member", f"{payload['chat']} "),))


def _tag_ids(session: Session, api: Access, names: Sequence[str]) -> list[str]:
    known = {name: id for id, name in wecom_contacts.corp_tags(api).items()}
    return [known.get(name) or wecom_contacts.create_tag(api, session.config.tag_group, name) for name in names]


def _tag(session: Session, people: Sequence[Mapping[str, str]], name: str, on: bool) -> None:
    """By every member who has them. Who is nobody's contact any more is left out."""
    api = _api(session)
    externals = [ids["external_userid"] for ids in people if "external_userid" in ids]
    chosen = _tag_ids(session, api, [name]) if externals else []
    for external in externals:
        try:
            for one in wecom_contacts.contact(api, external)[1]:
                wecom_contacts.mark(api, one.userid, external, chosen if on else (), () if on else chosen)
        except VendorRefused as error:
            if error.code not in _GONE:
                raise


def _code(session: Session, state: str, staff: str, name: str) -> Target:
    config, picture = wecom_contacts.create_way(_api(session), [staff], state, name)
    return Target(picture, ref=config)


# --- what operators may have done


class Transfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    giver: Annotated[str, field("原成员", "From", min_length=1, max_length=64)]
    taker: Annotated[str, field("接替成员", "To", min_length=1, max_length=64)]
    contacts: Annotated[
        tuple[str, ...], field("客户 external_userid", "Customers' external_userid", min_length=1, max_length=100)
    ]
    text: Annotated[str, field("通知客户", "Tell customers", max_length=200)] = ""


class TransferLeft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    giver: Annotated[str, field("离职成员", "Member who has left", min_length=1, max_length=64)]
    taker: Annotated[str, field("接替成员", "To", min_length=1, max_length=64)]
    contacts: Annotated[
        tuple[str, ...],
        field("客户 external_userid", "Customers' external_userid", "留空表示全部待分配客户",
              "Empty: everybody still with them", max_length=1000),
    ] = ()  # fmt: skip


class Remark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    staff: Annotated[str, field("成员", "Member", min_length=1, max_length=64)]
    contact: Annotated[str, field("客户 external_userid", "Customer's external_userid", min_length=1, max_length=64)]
    text: Annotated[str, field("备注", "Note", min_length=1, max_length=20)]


def _transfer(session: Session, form: Transfer) -> Done:
    """What came of it is looked at a day later, and once more the day after: no callback tells."""
    done = wecom_contacts.transfer(_api(session), form.giver, form.taker, form.contacts, form.text)
    return _asked_for(session, form.giver, form.taker, done, left=False)


def _transfer_left(session: Session, form: TransferLeft) -> Done:
    """Customers of a member who has left, a hundred a call; more than a thousand in several goes."""
    api = _api(session)
    done: dict[str, int] = {}
    contacts = (form.contacts or tuple(wecom_contacts.unassigned(api, form.giver)))[:_MOST_LEFT]
    for start in range(0, len(contacts), 100):
        done |= wecom_contacts.transfer_left(api, form.giver, form.taker, contacts[start : start + 100])
    return _asked_for(session, form.giver, form.taker, done, left=True)


def _asked_for(session: Session, giver: str, taker: str, done: Mapping[str, int], left: bool) -> Done:
    refused = {contact: code for contact, code in done.items() if code}
    text = f"{len(done) - len(refused)}/{len(done)}" + (f" {refused}" if refused else "")
    now, taken = session.now_ms(), sorted(set(done) - set(refused))
    pair = {"giver": giver, "taker": taker, "contacts": taken, "at": now, "left": left}
    looks = [Task("handed_over", f"{giver} {taker} {now} {wait}", pair, wait) for wait in _LOOKS]
    return Done(text, looks if taken else ())


def _handed_over(session: Session, payload: Mapping[str, Any]) -> Page:
    """Who of a hand-over belongs to the new member now. Refusals come by callback."""
    api, giver, taker = _api(session), str(payload["giver"]), str(payload["taker"])
    mine, asked_at = set(payload["contacts"]), int(payload["at"]) // SECOND
    rows = wecom_contacts.transfers(api, giver, taker, bool(payload.get("left")))
    done = {one.external_userid: one.takeover_time for one in rows
            if one.status == 1 and one.external_userid in mine and one.takeover_time >= asked_at}  # fmt: skip
    items = [
        Item(f"{who} {taker} transferred {at}", at * SECOND, (("external_userid", who),), "wecom_transferred",
             {"staff": taker, "from": giver})
        for who, at in sorted(done.items())
    ]  # fmt: skip
    pages = [_contact(session, {"ids": {"external_userid": who}}) for who in sorted(done)]
    links = [link for page in pages for link in page.links]
    items += [item for page in pages for item in page.items]
    return Page(links, items, [part for page in pages for part in page.complete])


def _remark(session: Session, form: Remark) -> Done:
    wecom_contacts.remark(_api(session), form.staff, form.contact, form.text)
    return Done(form.text)


def _test(session: Session) -> str:
    return f"{session.config.corp_id}: {len(wecom_contacts.serving_staff(_api(session)))}"


CONNECTOR = Connector(
    name="wecom",
    zh="企业微信",
    en="WeCom",
    about_zh="客户、备注、标签双向、客户群与成员、朋友圈互动、员工架构、在职与离职继承、欢迎语；夜间对账补齐没有回调的变化。",
    about_en="Contacts, remarks, tags both ways, groups, moments, staff, hand-overs, welcomes; nightly reconciliation.",
    grade="proven",
    config=Config,
    needed=("corp_id", "secret", "token", "encoding_key"),
    category="wechat/wecom",
    doors={"": Door(_read, taken=b"success")},
    pulls=(
        Pull("contacts", "客户", "Contacts", _contacts, ("friend",), per_minute=1200, share=_contacts_read),
        Pull("groups", "客户群成员", "Group members", _groups, ("member",), per_minute=1200),
        Pull("staff", "员工架构", "Staff", _staff, ("staff",), per_minute=600),
        Pull("moments", "朋友圈互动", "Answers to moments", _moments, per_minute=600),
    ),
    tasks={
        "contact": _contact,
        "convert": _convert,
        "welcome": _welcome,
        "group": _group,
        "group_gone": _group_gone,
        "handed_over": _handed_over,
    },
    acts=(
        Act("transfer", "在职继承", "Hand customers over", Transfer, _transfer),
        Act("transfer_left", "离职继承", "Hand over who is left behind", TransferLeft, _transfer_left),
        Act("remark", "改备注", "Set a note", Remark, _remark),
    ),
    test=_test,
    reacts=(
        React("wecom_friend_added", "welcome"),
        React("wecom_friend_added", "contact"),
        React("wecom_contact_edited", "contact"),
        React("wecom_link_ended", "contact"),
        React("mp_visited", "convert", once="unionid"),
    ),
    change=_change,
    ended=_ended,
    held=_held,
    make_code=_code,
    code_by_staff=True,
    tag=_tag,
)
"""A Mini Program's login names the unionid; ``convert`` asks once for each."""
