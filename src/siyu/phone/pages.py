"""The pages as HTML: no script, no font, no picture, a few hundred bytes of style."""

from __future__ import annotations

from html import escape

from siyu.phone.actions import Visit

_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;margin:0;background:#f5f6f7;color:#1f2329}"
    "main{max-width:26rem;margin:12vh auto 0;padding:2rem 1.5rem;background:#fff;border-radius:12px}"
    "h1{font-size:1.25rem;margin:0 0 .5rem}p{margin:0 0 1.25rem;color:#51565d}"
    "button{font:inherit;width:100%;min-height:44px;border:0;border-radius:8px;background:#1456f0;color:#fff}"
    "button.plain{background:#eff0f1;color:#1f2329}button:focus-visible{outline:3px solid #8fb0ff}"
    "@media(max-width:30rem){main{margin:0;min-height:100vh;border-radius:0;box-sizing:border-box}}"
    "@media(prefers-color-scheme:dark){body{background:#141414;color:#eee}main{background:#1f1f1f}p{color:#aaa}"
    "button.plain{background:#333;color:#eee}}"
)

_TEXTS: dict[str, dict[str, tuple[str, str]]] = {
    "zh": {
        "ask": ("不再接收{brand}的{channel}？", "确认后，我们不会再通过{channel}给你发送营销消息。"),
        "out": ("已退订", "你不会再收到{brand}通过{channel}发送的营销消息。"),
        "back": ("已恢复接收", "你会继续收到{brand}的{channel}。随时可以再次退订。"),
        "lost": ("链接无效", "这个链接不完整或已被改动。请从消息里重新点开。"),
    },
    "en": {
        "ask": ("Stop {channel} from {brand}?", "Once you confirm, we won't send you marketing by {channel} any more."),
        "out": ("You are unsubscribed", "You won't get marketing by {channel} from {brand} any more."),
        "back": ("You are back", "You will go on getting {channel} from {brand}. You can leave again at any time."),
        "lost": ("This link does not work", "It is incomplete or was changed. Open it from the message once more."),
    },
}
_BUTTONS = {
    "zh": {"confirm": "确认退订", "undo": "点错了，恢复接收"},
    "en": {"confirm": "Unsubscribe", "undo": "That was a mistake, keep me in"},
}


def ask_page(here: Visit, language: str) -> str:
    """Shown on opening the link: nothing has happened yet, since mail scanners open links too."""
    return _page(here, language, "ask", _form(language, "confirm", "", plain=False))


def out_page(here: Visit, language: str, token: str) -> str:
    return _page(here, language, "out", _form(language, "undo", f"/u/{token}/undo", plain=True))


def back_page(here: Visit, language: str) -> str:
    return _page(here, language, "back", "")


def lost_page(language: str) -> str:
    title, text = _TEXTS[language]["lost"]
    return _frame(language, title, text, "")


def _form(language: str, button: str, action: str, *, plain: bool) -> str:
    where = f' action="{escape(action)}"' if action else ""
    look = ' class="plain"' if plain else ""
    return f'<form method="post"{where}><button{look}>{escape(_BUTTONS[language][button])}</button></form>'


def _page(here: Visit, language: str, key: str, form: str) -> str:
    title, text = _TEXTS[language][key]
    channel = here.en.lower() if language == "en" else here.zh
    brand = here.brand or ("us" if language == "en" else "我们")
    return _frame(language, title.format(brand=brand, channel=channel), text.format(brand=brand, channel=channel), form)


def frame(language: str, title: str, body: str, style: str = "") -> str:
    """A whole page around ``body``."""
    return (
        f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}{style}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )


def _frame(language: str, title: str, text: str, form: str) -> str:
    return frame(language, title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>{form}")
