"""The guard table as Siyu comes with it: every row with its evidence and date. Operators edit it as the world does."""

from __future__ import annotations

from typing import Any

import msgspec

EVERY = "*"


class Policy(msgspec.Struct, frozen=True):
    """One row of the guard table. ``value`` is the JSON form of the rule's Struct."""

    channel: str
    rule: str
    value: dict[str, Any]
    evidence: str
    updated_at: str


def row(channel: str, rule: str, value: dict[str, Any], evidence: str, date: str) -> Policy:
    return Policy(channel, rule, value, evidence, f"{date}T00:00:00.000Z")


_PROGRAMS = [
    *(
        "bot/",
        "bot;",
        "bot)",
        "crawl",
        "spider",
        "slurp",
        "preview",
        "scanner",
        "headless",
        "phantom",
        "fetch",
        "monitor",
        "curl",
        "wget",
    ),
    *("python-", "httpx", "aiohttp", "go-http-client", "java/", "libwww", "postman", "facebookexternalhit"),
    *("barracuda", "mimecast", "proofpoint", "safelinks", "urldefense", "fortiguard", "googleimageproxy", "virustotal"),
]
"""Parts of the names programs give themselves. In-app browsers (MicroMessenger, DingTalk) carry none of them."""

DEFAULTS: tuple[Policy, ...] = (
    row(EVERY, "cap", {"day": 1, "days_7": 3}, "ours: all marketing to one person, over all channels", "2026-01-01"),
    row(EVERY, "consent", {"need": "not_withdrawn"}, "PIPL: withdrawing is as easy as giving", "2026-01-01"),
    row(EVERY, "send_window", {"from": "08:00", "to": "21:00"}, "field practice", "2026-01-01"),
    row("email", "consent", {"need": "granted"}, "field practice", "2026-01-01"),
    row("email", "send_window", {"from": "08:00", "to": "21:00"}, "field practice", "2026-01-01"),
    row("sms", "consent", {"need": "granted"}, "carriers and SMS providers: consent first", "2026-01-01"),
    row("sms", "send_window", {"from": "09:00", "to": "20:00"}, "default; carriers allow 08:00 to 21:00", "2026-01-01"),
    row("sms", "person_quota", {"hour": 4}, "SMS providers: at most 4 an hour to a number", "2026-01-01"),
    row(
        "sms",
        "text",
        {"max_chars": 500, "ends_with": "拒收请回复R", "forbid": ["【", "】"]},
        "SMS providers' rules for marketing texts",
        "2026-01-01",
    ),
    row(
        "wecom_friend",
        "person_quota",
        {"day": 1},
        "WeCom documentation 2025-11: 1 mass message per customer per day (the older 4 per month is outdated)",
        "2025-11-01",
    ),
    row("official_account", "person_quota", {"month": 4}, "service account: 4 mass messages per month", "2023-06-01"),
    row("wechat_customer", "consent", {"need": "not_withdrawn"}, "it answers what the person just did", "2023-06-01"),
    row("wechat_customer", "person_quota", {}, "the windows below count instead", "2023-06-01"),
    row(
        "wechat_customer",
        "reply_window",
        {
            "after": {
                "oa_message_received": {"sends": 5, "seconds": 172_800},
                "oa_menu_clicked": {"sends": 3, "seconds": 60},
                "oa_followed": {"sends": 3, "seconds": 60},
                "oa_scanned": {"sends": 3, "seconds": 60},
            }
        },
        "since 2023-06: 5 messages within 48 hours of the follower's; 3 within 1 minute of a tap, follow or scan",
        "2023-06-01",
    ),
    row("wechat_customer", "exempt", {"quiet_hours": True}, "an answer may come when it is asked for", "2026-01-01"),
    row("wechat_template", "person_quota", {"day": 3}, "ours: notices only; 43117 answers too many", "2026-01-01"),
    row("wechat_template", "account_quota", {"day": 100_000}, "WeChat documentation: 100,000 a day", "2025-11-01"),
    row(
        "wechat_template",
        "exempt",
        {"cap": True, "holdout": True},
        "notices of a service, never marketing",
        "2025-11-01",
    ),
    row("wecom_welcome", "person_quota", {}, "the window below counts instead", "2025-11-01"),
    row(
        "wecom_welcome",
        "reply_window",
        {"after": {"wecom_friend_added": {"sends": 1, "seconds": 20}}},
        "WeCom documentation: within 20 seconds of the friend being added, once",
        "2025-11-01",
    ),
    row(
        "wecom_welcome",
        "exempt",
        {"cap": True, "quiet_hours": True},
        "a greeting to somebody who has just come",
        "2026-01-01",
    ),
    row(
        "wecom_group_message",
        "person_quota",
        {"day": 1},
        "WeCom documentation 2025-11: 1 mass message a group and day",
        "2025-11-01",
    ),
    row("wecom_moments", "person_quota", {}, "a post is not counted by person", "2025-11-01"),
    row("wecom_moments", "exempt", {"cap": True}, "nobody is notified of a post", "2026-01-01"),
    row(
        "wecom_moments",
        "account_quota",
        {"day": 3},
        "ours: posts a day; WeCom limits what a customer is shown",
        "2026-01-01",
    ),
    *(
        row(name, "rate", {"minute": 10_000, "hour": 150_000}, "WeCom documentation: per corp and call", "2025-11-01")
        for name in ("wecom_mass", "wecom_welcome", "wecom_group_message", "wecom_moments")
    ),
    row("sms_aliyun", "rate", {"minute": 60_000}, "Aliyun: 1,000 calls a second", "2026-01-01"),
    row("sms_tencent", "rate", {"minute": 180_000}, "Tencent Cloud: 3,000 calls a second", "2026-01-01"),
    row("inbox", "send_window", {"from": "00:00", "to": "24:00"}, "it makes no sound", "2026-01-01"),
    row("inbox", "exempt", {"cap": True, "quiet_hours": True}, "it is read when the person looks", "2026-01-01"),
    row(
        EVERY,
        "promo_share",
        {"percent": 80, "days": 30, "at_least": 5},
        "ours: not every word is an offer",
        "2026-01-01",
    ),
    row(EVERY, "annoyance", {"half_life_days": 45, "tighten": 20, "stop": 70, "ignored": 12}, "ours", "2026-01-01"),
    row(EVERY, "attribution", {"days": 7}, "ours: the last click within a week", "2026-01-01"),
    row(
        EVERY,
        "machines",
        {
            "agents": _PROGRAMS,
            "networks": ["40.92.0.0/15", "40.107.0.0/16", "52.100.0.0/14", "104.47.0.0/17", "66.249.64.0/19"],
            "seconds": 1.0,
        },
        "names of crawlers, previews and scanners; networks of Exchange Online Protection and Google's fetchers",
        "2026-01-01",
    ),
    row(EVERY, "days", {"on": "every"}, "ours", "2026-01-01"),
    row(
        EVERY,
        "calendar",
        {},
        "beyond 2025 and 2026, which Siyu comes with from the State Council's notices; enter new years as announced",
        "2025-11-04",
    ),
)
