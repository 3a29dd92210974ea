"""Sends requests to the collect doors, a few at a time, and again when the server is busy."""

from __future__ import annotations

import queue
import threading
import time
from types import TracebackType

import httpx

from siyu.demo.wire import Request
from siyu.kit import SiyuError

_CONNECTIONS = 3
_TRIES = 60


class NotTaken(SiyuError):
    """The server did not take the demo's events: {detail}"""

    code = "demo_not_taken"
    status = 500


class Sender:
    """Use as a context: leaving it waits until all is acknowledged. ``acknowledged`` counts records."""

    def __init__(self, url: str) -> None:
        self.acknowledged = 0
        self._url = url
        self._failure: SiyuError | None = None
        self._lock = threading.Lock()
        self._waiting: queue.Queue[Request | None] = queue.Queue(2 * _CONNECTIONS)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(_CONNECTIONS)]

    def __enter__(self) -> Sender:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()
        if error is None and self._failure:
            raise self._failure

    def send(self, request: Request) -> None:
        """Queue a request; waits while many are under way. Raises NotTaken once one was refused."""
        if self._failure:
            raise self._failure
        self._waiting.put(request)

    def _work(self) -> None:
        with httpx.Client(base_url=self._url, timeout=60, trust_env=False) as client:
            while (request := self._waiting.get()) is not None:
                try:
                    if self._failure is None:
                        post(client, request)
                        with self._lock:
                            self.acknowledged += request.count
                except SiyuError as failure:
                    self._failure = failure


def post(client: httpx.Client, request: Request) -> None:
    """Send one request, again while the server has too much to do. Raises NotTaken."""
    for _ in range(_TRIES):
        try:
            answer = client.post(request.path, content=request.body, headers=request.headers)
        except httpx.TransportError as error:
            raise NotTaken(detail=f"{type(error).__name__}: {error}") from error
        if answer.status_code != 503:
            break
        time.sleep(float(answer.headers.get("retry-after", "1")))
    if answer.is_error:
        raise NotTaken(detail=f"{request.path.partition('?')[0]} answered {answer.status_code} {answer.text[:300]}")
