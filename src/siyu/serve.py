"""Runs the house: web server, background loops and both stores in one process."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable

import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server

from siyu.app import House, build_app
from siyu.kit import Clock, Settings, SiyuError, configure_logs, logger
from siyu.store import Store

_log = logger("serve")


class PortTaken(SiyuError):
    """Port {port} on {host} can't be used: {detail}. Stop the other program, or choose another with --port."""

    code = "port_taken"
    status = 500


def check_port(host: str, port: int) -> None:
    """Raises PortTaken when nobody could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(port=port, host=host, detail=error.strerror or str(error)) from error


def serve(settings: Settings, announce: Callable[[House], None], clock: Clock | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C. ``announce`` is called when the house stands, just before the doors open."""
    configure_logs(settings.log_level, settings.log_json)
    check_port(settings.host, settings.port)
    store = Store(settings, clock)
    house = build_app(store)
    gc.freeze()  # what the start made lives until the end; collections needn't look at it again
    announce(house)
    uvloop.run(_run(house, settings))
    if not house.stopped_cleanly:
        _log.warning("left_in_the_middle_of_a_step", why="time was up; the step is repeated at the next start")
        sys.stderr.flush()
        os._exit(0)
    store.close()


async def _run(house: House, settings: Settings) -> None:
    server = Server(
        house,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        websockets=False,
        backlog=2048,
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.serve()
