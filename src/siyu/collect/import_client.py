"""Importing through a running server, as ``siyu import --server`` does it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec

from siyu.collect.views import ImportPlan, ImportUpload, ImportView
from siyu.kit import SiyuError

_PAUSE = 0.3


class ServerSays(SiyuError):
    """The server at {url} says: {detail}"""

    code = "server_says"
    status = 502


class ImportClient:
    """Calls ``/api/imports`` with an API key."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en"}
        self._http = httpx.Client(base_url=self._url, headers=headers, timeout=60)

    def upload(self, file: Path) -> str:
        """Answers the import's id."""
        with file.open("rb") as stream:
            answer = self._ask("POST", "/api/imports", files={"file": (file.name, stream)})
        return msgspec.json.decode(answer.content, type=ImportUpload).id

    def start(self, import_id: str, plan: ImportPlan) -> None:
        self._ask("PUT", f"/api/imports/{import_id}", content=msgspec.json.encode(plan))

    def watch(self, import_id: str, show: Callable[[ImportView], None]) -> ImportView:
        """Wait for the end, telling ``show`` how far it is."""
        while True:
            view = msgspec.json.decode(self._ask("GET", f"/api/imports/{import_id}").content, type=ImportView)
            show(view)
            if view.state != "running":
                return view
            time.sleep(_PAUSE)

    def errors(self, import_id: str) -> bytes:
        return self._ask("GET", f"/api/imports/{import_id}/errors.csv").content

    def _ask(self, method: str, path: str, **rest: object) -> httpx.Response:
        headers = {"Content-Type": "application/json"} if "content" in rest else {}
        try:
            answer = self._http.request(method, path, headers=headers, **rest)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            raise ServerSays(url=self._url, detail=str(error)) from error
        if answer.is_error:
            raise ServerSays(url=self._url, detail=_problem(answer))
        return answer


def _problem(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}"
