"""WeCom's lists: staff, contacts, tags, groups, codes, transfers, and the ids of people who are no contacts yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from siyu.vendors.tencent_access import Access

MOST_STAFF = 100
_ROOT = "/cgi-bin/externalcontact"


class Tag(msgspec.Struct, frozen=True):
    tag_id: str = ""
    tag_name: str = ""
    group_name: str = ""


class Contact(msgspec.Struct, frozen=True):
    """A customer. ``type`` 1: WeChat, 2: WeCom."""

    external_userid: str
    name: str = ""
    unionid: str = ""
    type: int = 1
    gender: int = 0
    corp_name: str | None = None


class Follow(msgspec.Struct, frozen=True):
    """A staff member's side of a friendship. Lists of contacts carry ``tag_id``, a single contact ``tags``."""

    userid: str = ""
    remark: str = ""
    description: str = ""
    createtime: int = 0
    tag_id: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    remark_mobiles: tuple[str, ...] = ()
    state: str = ""
    add_way: int = 0


class Pair(msgspec.Struct, frozen=True):
    external_contact: Contact
    follow_info: Follow


class Staff(msgspec.Struct, frozen=True):
    userid: str
    name: str = ""
    department: tuple[int, ...] = ()
    status: int = 1


class GroupMember(msgspec.Struct, frozen=True):
    """``type`` 1: staff, 2: customer."""

    userid: str
    type: int = 2
    join_time: int = 0
    unionid: str = ""
    state: str = ""


class Group(msgspec.Struct, frozen=True):
    chat_id: str
    name: str = ""
    owner: str = ""
    create_time: int = 0
    member_list: tuple[GroupMember, ...] = ()


def serving_staff(api: Access) -> list[str]:
    """Members who may have customers."""
    return [str(one) for one in api.ask(f"{_ROOT}/get_follow_user_list").get("follow_user") or ()]


def departments(api: Access) -> dict[int, tuple[str, int]]:
    """Department → (name, its parent)."""
    found = api.ask("/cgi-bin/department/list").get("department") or ()
    return {int(one["id"]): (str(one.get("name", "")), int(one.get("parentid", 0))) for one in found}


def staff_of(api: Access, department: int) -> list[Staff]:
    """Members of one department, its children left out."""
    answer = api.ask(f"/cgi-bin/user/list?{urlencode({'department_id': department})}")
    return msgspec.convert(answer.get("userlist") or [], list[Staff])


def contacts_of(api: Access, staff: Sequence[str], cursor: str) -> tuple[list[Pair], str]:
    """A page (at most 100) of the contacts of up to 100 members, and where to go on."""
    asked = {"userid_list": list(staff), "limit": 100} | ({"cursor": cursor} if cursor else {})
    answer = api.call(f"{_ROOT}/batch/get_by_user", asked)
    return msgspec.convert(answer.get("external_contact_list") or [], list[Pair]), str(answer.get("next_cursor") or "")


def contact(api: Access, external_userid: str) -> tuple[Contact, list[Follow]]:
    """One contact, with every member who has them."""
    follows: list[Follow] = []
    cursor, answer = "", {}
    while True:
        asked = {"external_userid": external_userid} | ({"cursor": cursor} if cursor else {})
        answer = api.ask(f"{_ROOT}/get?{urlencode(asked)}")
        follows += msgspec.convert(answer.get("follow_user") or [], list[Follow])
        cursor = str(answer.get("next_cursor") or "")
        if not cursor:
            return msgspec.convert(answer["external_contact"], Contact), follows


def corp_tags(api: Access) -> dict[str, str]:
    """Tag id → its name, over all groups."""
    groups = api.call(f"{_ROOT}/get_corp_tag_list", {}).get("tag_group") or ()
    return {str(tag["id"]): str(tag["name"]) for group in groups for tag in group.get("tag") or ()}


def create_tag(api: Access, group: str, name: str) -> str:
    """A new tag in the group of that name, which is made when it is not there."""
    made = api.call(f"{_ROOT}/add_corp_tag", {"group_name": group, "tag": [{"name": name[:30]}]})
    return next(str(tag["id"]) for tag in made["tag_group"]["tag"] if tag["name"] == name[:30])


def mark(api: Access, staff: str, external_userid: str, add: Sequence[str], remove: Sequence[str] = ()) -> None:
    """Give one member's contact tags, or take them."""
    asked: dict[str, Any] = {"userid": staff, "external_userid": external_userid}
    api.call(f"{_ROOT}/mark_tag", asked | {"add_tag": list(add), "remove_tag": list(remove)})


def remark(api: Access, staff: str, external_userid: str, text: str) -> None:
    """Set the member's note of a contact's name."""
    api.call(f"{_ROOT}/remark", {"userid": staff, "external_userid": external_userid, "remark": text[:20]})


def groups(api: Access, cursor: str) -> tuple[list[str], str]:
    """A page of customer groups, and where to go on."""
    asked = {"limit": 1000} | ({"cursor": cursor} if cursor else {})
    answer = api.call(f"{_ROOT}/groupchat/list", asked)
    return [str(one["chat_id"]) for one in answer.get("group_chat_list") or ()], str(answer.get("next_cursor") or "")


def group(api: Access, chat: str) -> Group:
    answer = api.call(f"{_ROOT}/groupchat/get", {"chat_id": chat, "need_name": 1})
    return msgspec.convert(answer["group_chat"], Group)


def create_way(api: Access, staff: Sequence[str], state: str, remark: str) -> tuple[str, str]:
    """联系我 (``state`` of at most 30 characters). Answers its id and the picture of its code."""
    asked = {"type": 1 if len(staff) == 1 else 2, "scene": 2, "user": list(staff), "state": state[:30]}
    answer = api.call(f"{_ROOT}/add_contact_way", asked | {"remark": remark[:30], "skip_verify": True})
    return str(answer["config_id"]), str(answer.get("qr_code", ""))


def drop_way(api: Access, config_id: str) -> None:
    api.call(f"{_ROOT}/del_contact_way", {"config_id": config_id})


def transfer(api: Access, giver: str, taker: str, contacts: Sequence[str], text: str = "") -> dict[str, int]:
    """在职继承 of up to 100 contacts; done after 24 hours unless the customer refuses. Contact → its own code."""
    asked = {"handover_userid": giver, "takeover_userid": taker, "external_userid": list(contacts)}
    answer = api.call(f"{_ROOT}/transfer_customer", asked | ({"transfer_success_msg": text[:200]} if text else {}))
    return {str(one["external_userid"]): int(one.get("errcode", 0)) for one in answer.get("customer") or ()}


class Transferred(msgspec.Struct, frozen=True):
    """How one hand-over stands. ``status`` 1: done, at ``takeover_time`` (epoch seconds); 2: waiting; 3: the customer
    said no; 4: the new member has too many; 5: there is none."""

    external_userid: str
    status: int
    takeover_time: int = 0


def transfer_left(api: Access, giver: str, taker: str, contacts: Sequence[str]) -> dict[str, int]:
    """离职继承 of up to 100 contacts of a member who has left. Contact → its own code."""
    asked = {"handover_userid": giver, "takeover_userid": taker, "external_userid": list(contacts)}
    answer = api.call(f"{_ROOT}/resigned/transfer_customer", asked)
    return {str(one["external_userid"]): int(one.get("errcode", 0)) for one in answer.get("customer") or ()}


def unassigned(api: Access, giver: str) -> list[str]:
    """Contacts a member who has left still has."""
    found: list[str] = []
    cursor = ""
    while True:
        asked: dict[str, Any] = {"page_size": 1000} | ({"cursor": cursor} if cursor else {})
        answer = api.call(f"{_ROOT}/get_unassigned_list", asked)
        found += [str(one["external_userid"]) for one in answer.get("info") or () if one["handover_userid"] == giver]
        cursor = str(answer.get("next_cursor") or "")
        if answer.get("is_last") or not cursor:
            return found


def transfers(api: Access, giver: str, taker: str, left: bool = False) -> list[Transferred]:
    """Hand-overs between two members, however they stand. ``left``: 离职继承 instead of 在职继承."""
    found: list[Transferred] = []
    cursor = ""
    while True:
        asked = {"handover_userid": giver, "takeover_userid": taker} | ({"cursor": cursor} if cursor else {})
        answer = api.call(f"{_ROOT}/{'resigned/' if left else ''}transfer_result", asked)
        found += msgspec.convert(answer.get("customer") or [], list[Transferred])
        cursor = str(answer.get("next_cursor") or "")
        if not cursor:
            return found


def id_of(api: Access, unionid: str, openid: str) -> tuple[str, str]:
    """(external_userid, pending id) of a WeChat user: the second one where they are nobody's contact yet."""
    answer = api.call("/cgi-bin/idconvert/unionid_to_external_userid", {"unionid": unionid, "openid": openid})
    return str(answer.get("external_userid") or ""), str(answer.get("pending_id") or "")


def pending_of(api: Access, contacts: Sequence[str]) -> dict[str, str]:
    """External user → the pending id they had before, of up to 100."""
    asked = {"external_userid": list(contacts)}
    answer = api.call("/cgi-bin/idconvert/batch/external_userid_to_pending_id", asked)
    return {str(one["external_userid"]): str(one["pending_id"]) for one in answer.get("result") or ()}
