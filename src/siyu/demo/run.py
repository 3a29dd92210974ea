"""``siyu demo`` from beginning to end."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from siyu.demo import doors, shop
from siyu.demo.account import Account
from siyu.demo.crowd import Plan
from siyu.demo.live import Trickle
from siyu.demo.loading import Show, Totals, load
from siyu.demo.mail import Catcher
from siyu.demo.newcomers import week_began
from siyu.demo.serving import DemoFailed, Login, Serving, free_port

_STEPS = {
    "history": "发送 18 个月的历史 · Sending 18 months of history",
    "settle": "识别、写入、更新画像 · Resolving and settling",
    "shop": "建人群、配渠道、发布旅程 · Audiences, channel, journeys",
    "week": "过一遍最近七天 · Living through the last seven days",
    "today": "此刻 · What is going on now",
}
_CONFIG = "# The demo's mails go to its own catcher on this machine.\nallow_private_outbound = true\n"


class Options(msgspec.Struct, frozen=True):
    """``rate`` is live events a second, 0 for none."""

    folder: Path
    host: str
    port: int
    customers: int
    seed: int
    rate: float
    serve: bool


class Card(msgspec.Struct):
    """What a demo folder remembers, in ``demo.json``. ``totals`` is null until everything is loaded."""

    plan: Plan
    login: Login
    totals: Totals | None = None


def run(options: Options) -> None:
    """Build the demo unless it is there, and serve until Ctrl-C or SIGTERM."""
    card = _card(options)
    server = Serving(options.folder, options.host, options.port)
    catcher = Catcher(
        options.folder / "mail",
        free_port("127.0.0.1", options.port + 25),
        free_port("127.0.0.1", options.port + 1),
    )
    account = Account(free_port("127.0.0.1", options.port + 26), doors.fans(card.plan))
    with _ended_politely():
        try:
            catcher.start()
            account.start()
            _fill(server, catcher, account, card, options.folder)
            _tell(server, catcher, card, options)
            if options.serve:
                _serve(server, card, options.rate, catcher.folder)
        finally:
            server.stop()
            catcher.stop()
            account.stop()


def _file(folder: Path) -> Path:
    return folder / "demo.json"


def _card(options: Options) -> Card:
    """The card of this folder, or a new one for an empty folder."""
    folder = options.folder
    if _file(folder).is_file():
        card = msgspec.json.decode(_file(folder).read_bytes(), type=Card)
        if card.totals is None:
            raise DemoFailed(detail=f"loading {folder} was cut short. Remove the folder to start afresh.")
        return card
    if folder.exists() and any(file.name not in ("demo.log", "config.toml", "mail") for file in folder.iterdir()):
        raise DemoFailed(detail=f"{folder} holds something else. Choose another folder with --data.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(_CONFIG, "utf-8")
    now = time.time_ns() // 1_000_000
    login = Login("demo@cleara.example", f"demo-{secrets.token_hex(4)}")
    return Card(Plan(options.seed, now, options.customers), login)


def _save(folder: Path, card: Card) -> None:
    file = _file(folder)
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(card)))
    os.replace(fresh, file)


def _fill(server: Serving, catcher: Catcher, account: Account, card: Card, folder: Path) -> None:
    """Serve what is there, or load it first."""
    if card.totals is not None:
        server.start()
        server.sign_in(card.login)
        shop.mail_channel(server, catcher.smtp_port)
        doors.point(server, account.url)
        return
    server.start(week_began(card.plan))
    _save(folder, card)
    server.sign_in(card.login)
    with _progress() as show:
        card.totals = load(server, card.plan, card.login, catcher, account.url, show)
    _save(folder, card)


@contextmanager
def _progress() -> Iterator[Show]:
    """A bar a step, shown as steps begin."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(_STEPS[step], total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show


def _tell(server: Serving, catcher: Catcher, card: Card, options: Options) -> None:
    totals = card.totals or Totals()
    lines = [
        "",
        f"已就绪 Ready: {totals.people:,} 人 people · {totals.records:,} 条记录 records · {totals.orders:,} 单 orders"
        f" · ¥{totals.revenue / 100:,.2f} · 装载用时 loaded in {totals.seconds:.0f} s",
    ]
    if options.serve:
        lines += [
            "",
            f"  控制台 Console    {server.url}",
            f"  账号   Email      {card.login.email}",
            f"  密码   Password   {card.login.password}",
            f"  演示信箱 Mails    {catcher.url}  (收下所有演示邮件，不会真正发出 · catches all, sends none)",
            f"  数据   Data       {options.folder}  (删除此目录即可重来 · remove it to start afresh)",
            "",
            "  十分钟导览 Ten-minute tour: docs/demo.md      Ctrl-C 停止 to stop",
        ]
    click.echo("\n".join(lines))
    sys.stdout.flush()


def _serve(server: Serving, card: Card, rate: float, mails: Path) -> None:
    trickle = Trickle(server.url, card.plan, shop.sources(server), rate, mails) if rate else None
    if trickle:
        trickle.start()
    try:
        while not server.ended:
            time.sleep(0.5)
        raise DemoFailed(detail=f"the server ended; see {server.log}.")
    except KeyboardInterrupt:
        click.echo("\n正在停止 Stopping …", err=True)
    finally:
        if trickle:
            trickle.stop()


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def _ended_politely() -> Iterator[None]:
    """SIGTERM, and the end of the terminal, end the demo the way Ctrl-C does; or the server would stay behind.

    Only the first signal counts: `make` and the terminal both pass it on, and the repeat must not cut the ending short.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _ENDING}
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
