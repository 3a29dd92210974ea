"""The page behind a printed code: one picture to hold a finger on. No script, no font, a few hundred bytes of style."""

from __future__ import annotations

from html import escape

from siyu.connectors.code_types import Landing

_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;margin:0;background:#f5f6f7;color:#1f2329;text-align:center}"
    "main{max-width:22rem;margin:8vh auto 0;padding:2rem 1.5rem;background:#fff;border-radius:12px}"
    "h1{font-size:1.15rem;margin:0 0 1rem}img{width:240px;height:240px;background:#fff}p{color:#51565d;margin:1rem 0 0}"
    "@media(prefers-color-scheme:dark){body{background:#141414;color:#eee}main{background:#1f1f1f}p{color:#aaa}}"
)
_TEXTS = {
    "zh": ("长按识别二维码", "现在没有人在线，请在工作时间再扫一次。", "这个二维码已经停用。", "二维码"),
    "en": ("Hold the code to open it", "Nobody is here right now. Scan again in working hours.",
           "This code is not in use any more.", "Code"),
}  # fmt: skip


def page(here: Landing, language: str) -> str:
    hold, closed, _, alt = _TEXTS[language]
    picture = f'<img src="{escape(here.picture)}" alt="{alt}" width="240" height="240">' if here.picture else ""
    return _frame(language, here.brand or here.name, f"{picture}<p>{closed if here.closed else hold}</p>")


def lost(language: str) -> str:
    return _frame(language, "404", f"<p>{_TEXTS[language][2]}</p>")


def _frame(language: str, title: str, body: str) -> str:
    tongue = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html><html lang="{tongue}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
