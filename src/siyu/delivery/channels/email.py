"""Email by SMTP. One connection a batch; a message is irrevocable only from its final dot on."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formataddr, formatdate
from html import escape
from typing import Annotated, Any, Literal

import msgspec

from siyu.delivery.channels import bounces
from siyu.delivery.channels.contract import Channel, Commit, NotConfigured
from siyu.delivery.types import Capabilities, Parcel, Result
from siyu.kit import check_host, field

_ADDRESS = re.compile(r"[!#-'*+\--9=?A-Z^-~]{1,64}@[A-Za-z0-9.-]{1,253}")
"""Plain ASCII addresses; those that need SMTPUTF8 are few and most servers refuse them."""
_DOT = re.compile(rb"(?m)^\.")
_NO_SUCH_MAILBOX = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")


class EmailConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    host: Annotated[
        str, field("服务器", "Server", "例如 smtp.example.com", "For example smtp.example.com", max_length=253)
    ] = ""
    port: Annotated[int, field("端口", "Port", ge=1, le=65535)] = 587
    security: Annotated[
        Literal["starttls", "ssl", "none"],
        field("加密", "Encryption", "587 端口通常用 STARTTLS，465 用 SSL", "Port 587 usually takes STARTTLS, 465 SSL"),
    ] = "starttls"
    verify_certificate: Annotated[bool, field("校验证书", "Check the certificate")] = True
    username: Annotated[str, field("用户名", "User name", max_length=320)] = ""
    password: Annotated[str, field("密码", "Password", secret=True, max_length=1000)] = ""
    from_address: Annotated[str, field("发件地址", "From address", max_length=320)] = ""
    from_name: Annotated[str, field("发件人名称", "From name", max_length=100)] = ""
    reply_to: Annotated[str, field("回复地址", "Reply to", max_length=320)] = ""
    per_minute: Annotated[
        int, field("每分钟上限", "Limit per minute", "0 表示不限", "0 means no limit", ge=0, le=1_000_000)
    ] = 600
    timeout_s: Annotated[int, field("超时（秒）", "Timeout (seconds)", ge=1, le=300)] = 30


def _pinned(base: type[smtplib.SMTP], address: str) -> type[smtplib.SMTP]:
    """An SMTP class that connects to the checked ``address`` while naming the host in TLS."""

    class Pinned(base):  # type: ignore[valid-type, misc]
        def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
            raw = socket.create_connection((address, port), timeout)
            # The final dot follows its text as a packet of its own; without this it would wait 40 ms for an ACK.
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if issubclass(base, smtplib.SMTP_SSL):
                return self.context.wrap_socket(raw, server_hostname=host)  # type: ignore[no-any-return]
            return raw

    return Pinned


def _tls(config: EmailConfig) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not config.verify_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _connect(config: EmailConfig, allow_private: bool) -> smtplib.SMTP:
    if not config.host or not config.from_address:
        raise NotConfigured(channel="email", detail="server and from address are needed.")
    address = check_host(config.host, config.port, allow_private)
    if config.security == "ssl":
        kind: Any = _pinned(smtplib.SMTP_SSL, address)
        return kind(config.host, config.port, timeout=config.timeout_s, context=_tls(config))  # type: ignore[no-any-return]
    smtp = _pinned(smtplib.SMTP, address)(config.host, config.port, timeout=config.timeout_s)
    if config.security == "starttls":
        smtp.starttls(context=_tls(config))
    return smtp


@contextmanager
def _open(config: EmailConfig, allow_private: bool) -> Iterator[_Mailing]:
    smtp = _connect(config, allow_private)
    try:
        if config.username:
            smtp.login(config.username, config.password)
        smtp.ehlo_or_helo_if_needed()
        yield _Mailing(config, smtp)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()


class _Mailing:
    """One connection. Once it breaks, every later parcel of the batch is put off."""

    def __init__(self, config: EmailConfig, smtp: smtplib.SMTP) -> None:
        self._config = config
        self._smtp = smtp

    def send(self, parcel: Parcel, commit: Commit) -> Result:
        data = compose(self._config, parcel)
        committed = False
        try:
            if refused := self._envelope(parcel.address):
                return refused
            self._smtp.send(_DOT.sub(b"..", data))
            commit()
            committed = True
            self._smtp.send(b".\r\n")
            code, text = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._smtp.close()
            detail = _said(error)
            return Result("in_doubt", "no_answer", detail) if committed else Result("retry", "no_peer", detail)
        except BaseException:
            # Without the final dot the server throws the message away, also when the lease was lost meanwhile.
            self._smtp.close()
            raise
        return Result("sent") if code == 250 else _refusal(code, text)

    def _envelope(self, address: str) -> Result | None:
        """MAIL, RCPT and DATA up to where the text may follow. None: go on."""
        code, text = self._smtp.mail(self._config.from_address)
        if code != 250:
            self._reset()
            return _refusal(code, text)
        code, text = self._smtp.rcpt(address)
        if code not in (250, 251):
            self._reset()
            return _refusal(code, text, at_address=address)
        code, text = self._smtp.docmd("DATA")
        if code != 354:
            self._reset()
            return _refusal(code, text)
        return None

    def _reset(self) -> None:
        """Take the envelope back. A server that hangs up instead has still said why it refused."""
        with suppress(smtplib.SMTPException, OSError):
            self._smtp.rset()


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:300]


def _refusal(code: int, text: bytes, at_address: str = "") -> Result:
    said = f"{code} {text.decode('utf-8', 'replace')}"[:300]
    if 400 <= code < 500 or code == -1:
        return Result("retry", "peer_busy", said)
    if at_address and any(mark in said for mark in _NO_SUCH_MAILBOX):
        return Result("failed", "bad_address", said, bad_address=True)
    return Result("failed", "refused_by_peer", said)


def compose(config: EmailConfig, parcel: Parcel) -> bytes:
    """The message as sent, lines ended by CRLF. Same key, same Message-ID, so a repeated copy can be recognised."""
    content = parcel.content
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["From"] = formataddr((config.from_name, config.from_address)) if config.from_name else config.from_address
    mail["To"] = parcel.address
    mail["Subject"] = " ".join(content.subject.split())
    mail["Date"] = formatdate(parcel.at / 1000)
    mail["Message-ID"] = f"<{parcel.key}@{config.from_address.rpartition('@')[2]}>"
    if config.reply_to:
        mail["Reply-To"] = config.reply_to
    if content.unsubscribe:
        mail["List-Unsubscribe"] = f"<{content.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(content.text + _footer_text(content.unsubscribe))
    mail.add_alternative(_page(content.subject, content.html, content.unsubscribe), subtype="html")
    data = mail.as_bytes()
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def _footer_text(link: str) -> str:
    return f"\n\n-- \n退订 Unsubscribe: {link}\n" if link else "\n"


def _page(subject: str, body: str, link: str) -> str:
    footer = (
        f'<p style="margin-top:32px;font-size:12px;color:#888"><a style="color:#888" href="{escape(link)}">'
        "退订 Unsubscribe</a></p>"
        if link
        else ""
    )
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{escape(subject)}</title></head>'
        f'<body style="font-family:sans-serif;line-height:1.6;max-width:600px;margin:auto;padding:16px">{body}{footer}'
        "</body></html>"
    )


CHANNEL = Channel(
    name="email",
    zh="邮件",
    en="Email",
    config=EmailConfig,
    capabilities=Capabilities(
        subject=True, html=True, unsubscribe=True, idempotent=False, max_chars=100_000, receipts=True
    ),
    needed=("host", "from_address"),
    open=_open,
    address_fault=lambda address: not _ADDRESS.fullmatch(address),
    inbound=bounces.read,
)
