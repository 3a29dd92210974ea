"""WeCom: mass messages and moments that a staff member has to confirm, welcome messages, and how they went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec

from siyu.kit import HOUR, SECOND, Outbound
from siyu.vendors.calls import Verdict, get_json
from siyu.vendors.tencent_access import ERRORS as COMMON
from siyu.vendors.tencent_access import Access, refused
from siyu.vendors.tokens import TOKENS, Tokens

API = "https://qyapi.weixin.qq.com"
MOST_RECEIVERS = 10_000
ERRORS: dict[int, Verdict] = COMMON | {
    40003: Verdict("failed", "bad_config"),
    40096: Verdict("bad_address", "bad_address"),
    41048: Verdict("failed", "vendor_quota"),
    41051: Verdict("failed", "welcome_done"),
    41096: Verdict("retry", "peer_busy", 1 * SECOND),
    41050: Verdict("failed", "welcome_late"),
    45033: Verdict("retry", "vendor_rate", 10 * SECOND),
    48002: Verdict("failed", "bad_config"),
    60020: Verdict("failed", "bad_config"),
    60111: Verdict("failed", "bad_config"),
    84061: Verdict("failed", "not_friend"),
    90500: Verdict("retry", "vendor_quota", 24 * HOUR),
}
"""WeCom's codes. 41050: the welcome code is not valid any more; 41051: a welcome was sent already; 41096: try again."""

Sending = Literal["waiting", "sent", "not_friend", "over_limit"]
RESULTS: dict[int, Sending] = {0: "waiting", 1: "sent", 2: "not_friend", 3: "over_limit"}


class TaskResult(msgspec.Struct, frozen=True):
    """How one receiver of a staff-confirmed task stands. ``receiver``: external_userid or chat id."""

    receiver: str
    staff: str
    state: Sending
    at: int


def access(outbound: Outbound, base: str, corp: str, secret: str, tokens: Tokens = TOKENS) -> Access:
    """Calls in the name of one corp and application."""

    def fetch() -> tuple[str, int]:
        query = urlencode({"corpid": corp, "corpsecret": secret})
        answer = get_json(outbound, f"{base}/cgi-bin/gettoken?{query}")
        if not answer.get("access_token"):
            raise refused(answer, ERRORS)
        return str(answer["access_token"]), int(answer.get("expires_in", 7200))

    return Access(outbound, base, corp, secret, fetch, ERRORS, tokens)


def content(text: str, link: str, title: str, picture: str = "") -> dict[str, Any]:
    """The body that mass messages, welcome messages and moments share."""
    body: dict[str, Any] = {"text": {"content": text}} if text else {}
    if link:
        card = {"title": title[:64] or link[:64], "url": link} | ({"picurl": picture} if picture else {})
        body["attachments"] = [{"msgtype": "link", "link": card}]
    return body


def create_mass_task(
    api: Access, receivers: Sequence[str], sender: str, body: Mapping[str, Any]
) -> tuple[str, frozenset[str]]:
    """群发给客户: a task that waits for the staff member's tap. Answers its id and who can't be reached."""
    asked: dict[str, Any] = {"chat_type": "single", "external_userid": list(receivers)} | dict(body)
    if sender:
        asked["sender"] = sender
    answer = api.call("/cgi-bin/externalcontact/add_msg_template", asked)
    return str(answer.get("msgid", "")), frozenset(map(str, answer.get("fail_list") or ()))


def create_group_task(
    api: Access, chats: Sequence[str], sender: str, body: Mapping[str, Any]
) -> tuple[str, frozenset[str]]:
    """群发到客户群, by the owner ``sender``."""
    asked = {"chat_type": "group", "sender": sender, "chat_id_list": list(chats)} | dict(body)
    answer = api.call("/cgi-bin/externalcontact/add_msg_template", asked)
    return str(answer.get("msgid", "")), frozenset(map(str, answer.get("fail_list") or ()))


def mass_results(api: Access, task: str) -> Iterator[TaskResult]:
    """How every receiver of a mass or group task stands, over all staff members it was given to."""
    for member in _pages(api, "get_groupmsg_task", {"msgid": task, "limit": 1000}, "task_list"):
        staff = str(member.get("userid", ""))
        asked = {"msgid": task, "userid": staff, "limit": 1000}
        for row in _pages(api, "get_groupmsg_send_result", asked, "send_list"):
            state = RESULTS.get(int(row.get("status", 0)), "waiting")
            receiver = str(row.get("external_userid") or row.get("chat_id") or "")
            yield TaskResult(receiver, staff, state, int(row.get("send_time") or 0) * SECOND)


def _pages(api: Access, call: str, asked: Mapping[str, Any], items: str) -> Iterator[dict[str, Any]]:
    cursor = ""
    for _ in range(1000):
        answer = api.call(f"/cgi-bin/externalcontact/{call}", dict(asked) | ({"cursor": cursor} if cursor else {}))
        yield from answer.get(items) or ()
        cursor = str(answer.get("next_cursor") or "")
        if not cursor:
            return


def send_welcome(api: Access, code: str, body: Mapping[str, Any]) -> None:
    """欢迎语: within 20 s of the friend being added, once for a code."""
    api.call("/cgi-bin/externalcontact/send_welcome_msg", {"welcome_code": code} | dict(body))


def create_moment(api: Access, staff: Sequence[str], tags: Sequence[str], body: Mapping[str, Any]) -> str:
    """朋友圈: a task for staff members, shown to their customers with these tags. Answers the job that makes it."""
    seen_by: dict[str, Any] = {}
    if staff:
        seen_by["sender_list"] = {"user_list": list(staff)}
    if tags:
        seen_by["external_contact_list"] = {"tag_list": list(tags)}
    asked = dict(body) | ({"visible_range": seen_by} if seen_by else {})
    return str(api.call("/cgi-bin/externalcontact/add_moment_task", asked).get("jobid", ""))


def moment_of(api: Access, job: str) -> str:
    """The moment a job has made; empty while it is at work. Raises VendorRefused when it failed."""
    query = f"/cgi-bin/externalcontact/get_moment_task_result?{urlencode({'jobid': job})}"
    answer = api.ask(query)
    result = answer.get("result") or {}
    if int(answer.get("status", 0)) != 3:
        return ""
    if int(result.get("errcode", 0) or 0):
        raise refused(result, ERRORS)
    return str(result.get("moment_id", ""))


def moment_posted(api: Access, moment: str) -> tuple[int, int]:
    """(staff members who have posted it, staff members asked)."""
    rows = list(_pages(api, "get_moment_task", {"moment_id": moment, "limit": 1000}, "task_list"))
    return sum(int(row.get("publish_status", 0)) == 1 for row in rows), len(rows)


class Moment(msgspec.Struct, frozen=True):
    """``create_type`` 0: by the corp, posted by whichever members took the task; 1: by ``creator`` alone."""

    moment_id: str
    creator: str = ""
    create_time: int = 0
    create_type: int = 0


class Answered(msgspec.Struct, frozen=True):
    """Who liked or commented on a moment: a customer, or a member of staff."""

    external_userid: str = ""
    create_time: int = 0


def moments(api: Access, start: int, end: int, cursor: str) -> tuple[list[Moment], str]:
    """A page of the moments of a window of at most 30 days (epoch seconds), and where the next begins."""
    asked = {"start_time": start, "end_time": end, "limit": 20} | ({"cursor": cursor} if cursor else {})
    answer = api.call("/cgi-bin/externalcontact/get_moment_list", asked)
    return msgspec.convert(answer.get("moment_list") or [], list[Moment]), str(answer.get("next_cursor") or "")


def moment_posters(api: Access, moment: str) -> list[str]:
    """Members who have posted a moment of the corp."""
    rows = _pages(api, "get_moment_task", {"moment_id": moment, "limit": 1000}, "task_list")
    return [str(row["userid"]) for row in rows if int(row.get("publish_status", 0)) == 1]


def moment_answers(api: Access, moment: str, staff: str) -> tuple[list[Answered], list[Answered]]:
    """(likes, comments) of a moment as a member has posted it."""
    answer = api.call("/cgi-bin/externalcontact/get_moment_comments", {"moment_id": moment, "userid": staff})
    likes, comments = answer.get("like_list") or [], answer.get("comment_list") or []
    return msgspec.convert(likes, list[Answered]), msgspec.convert(comments, list[Answered])
