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

EVIDENCE_ZH: dict[str, str] = {
    "ours": "Siyu 的建议值",
    "ours: all marketing to one person, over all channels": "Siyu 的建议值：所有渠道发给一个人的营销消息合计",
    "PIPL: withdrawing is as easy as giving": "《个人信息保护法》：撤回同意要和给出同意一样方便",
    "field practice": "行业惯例",
    "carriers and SMS providers: consent first": "运营商与短信服务商：须先取得同意",
    "default; carriers allow 08:00 to 21:00": "默认值；运营商允许 08:00 到 21:00",
    "SMS providers: at most 4 an hour to a number": "短信服务商：同一号码每小时最多 4 条",
    "SMS providers' rules for marketing texts": "短信服务商对营销短信的要求",
    "WeCom documentation 2025-11: 1 mass message per customer per day (the older 4 per month is outdated)":
        "企业微信文档 2025-11：每位客户每天 1 条群发（旧的每月 4 条已作废）",
    "service account: 4 mass messages per month": "服务号：每月 4 条群发",
    "it answers what the person just did": "是对用户刚才动作的回应",
    "the windows below count instead": "按下面各个回复时限计数",
    "since 2023-06: 5 messages within 48 hours of the follower's; 3 within 1 minute of a tap, follow or scan":
        "2023-06 起：粉丝发消息后 48 小时内 5 条；点菜单、关注或扫码后 1 分钟内 3 条",
    "an answer may come when it is asked for": "对方问起时可以随时回复",
    "ours: notices only; 43117 answers too many": "Siyu 的建议值：只发通知；发多了微信会返回 43117",
    "WeChat documentation: 100,000 a day": "微信文档：每天 10 万条",
    "notices of a service, never marketing": "服务通知，不能用于营销",
    "the window below counts instead": "按下面的回复时限计数",
    "WeCom documentation: within 20 seconds of the friend being added, once":
        "企业微信文档：添加好友后 20 秒内，仅 1 次",
    "a greeting to somebody who has just come": "对刚来的人打招呼",
    "WeCom documentation 2025-11: 1 mass message a group and day": "企业微信文档 2025-11：每个群每天 1 条群发",
    "a post is not counted by person": "朋友圈不按人计数",
    "nobody is notified of a post": "发朋友圈不会提醒任何人",
    "ours: posts a day; WeCom limits what a customer is shown": "Siyu 的建议值：每天几条；企业微信另限客户看到的条数",
    "WeCom documentation: per corp and call": "企业微信文档：按企业、按接口",
    "Aliyun: 1,000 calls a second": "阿里云：每秒 1,000 次调用",
    "Tencent Cloud: 3,000 calls a second": "腾讯云：每秒 3,000 次调用",
    "it makes no sound": "不会发出提示音",
    "it is read when the person looks": "用户打开时才会看到",
    "ours: not every word is an offer": "Siyu 的建议值：不能句句都是促销",
    "ours: the last click within a week": "Siyu 的建议值：一周内的最后一次点击",
    "names of crawlers, previews and scanners; networks of Exchange Online Protection and Google's fetchers":
        "爬虫、预览和扫描程序的名称；Exchange Online Protection 与 Google 抓取程序的网段",
    "beyond 2025 and 2026, which Siyu comes with from the State Council's notices; enter new years as announced":
        "Siyu 自带国务院公布的 2025、2026 年安排；新的年份公布后填在这里",
}  # fmt: skip
"""What the evidence of the table above is called in Chinese."""
