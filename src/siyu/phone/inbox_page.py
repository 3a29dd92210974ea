"""The inbox as a page: every text escaped, links only to the web."""

from __future__ import annotations

from html import escape
from typing import Any

from siyu.delivery import InboxView
from siyu.phone.pages import frame

_STYLE = (
    "main{max-width:34rem;margin:0 auto;min-height:100vh;border-radius:0;box-sizing:border-box}"
    "header{display:flex;gap:.75rem;align-items:center;justify-content:space-between;margin-bottom:1rem}"
    "header h1{margin:0}header form{margin:0}header button{width:auto;padding:0 .9rem;font-size:.9rem}"
    "ol{list-style:none;margin:0;padding:0}li{border-top:1px solid #e8e9eb;padding:1rem 0}"
    "li h2{font-size:1rem;margin:0;overflow-wrap:anywhere}li.new h2::before{content:'';display:inline-block;"
    "width:.5rem;height:.5rem;border-radius:50%;background:#d83931;margin-right:.4rem;vertical-align:middle}"
    "time{font-size:.8rem;color:#6b7075}li p{margin:.4rem 0 0;white-space:pre-line;overflow-wrap:anywhere}"
    "li a{display:inline-block;padding:.6rem 0;min-height:24px}code{font-size:1rem}"
    "@media(prefers-color-scheme:dark){li{border-color:#333}time{color:#999}a{color:#8fb0ff}}"
)
_TEXTS = {
    "zh": {
        "title": "消息",
        "read": "全部已读",
        "empty": "还没有消息",
        "open": "查看",
        "coupon": "优惠券",
        "new": "未读",
    },
    "en": {
        "title": "Messages",
        "read": "Mark all read",
        "empty": "No messages yet",
        "open": "Open",
        "coupon": "Coupon",
        "new": "unread",
    },
}


def inbox_page(inbox: InboxView, language: str) -> str:
    words = _TEXTS[language]
    title = f"{inbox.title} · {words['title']}" if inbox.title else words["title"]
    button = f'<form method="post"><button class="plain">{words["read"]}</button></form>' if inbox.unread else ""
    items = "".join(_item(item, words) for item in inbox.items)
    body = f"<ol>{items}</ol>" if items else f"<p>{words['empty']}</p>"
    return frame(language, title, f"<header><h1>{escape(title)}</h1>{button}</header>{body}", _STYLE)


def _item(item: Any, words: dict[str, str]) -> str:
    mark = "" if item.read else f' class="new" aria-label="{words["new"]}"'
    link = ""
    if item.link.startswith(("https://", "http://")):
        link = f'<a href="{escape(item.link)}" rel="noreferrer noopener">{words["open"]}</a>'
    coupon = f"<p>{words['coupon']} <code>{escape(item.coupon)}</code></p>" if item.coupon else ""
    when = escape(item.at)
    return (
        f'<li{mark}><h2>{escape(item.title)}</h2><time datetime="{when}">{escape(item.shown_at)}</time>'
        f"<p>{escape(item.text)}</p>{coupon}{link}</li>"
    )
