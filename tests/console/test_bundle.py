"""How the built console is served."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.console import Bundle

Client = TestClient[Any]
PAGE = "<!doctype html><title>Siyu</title>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "static" / "assets").mkdir(parents=True)
    return tmp_path / "static"


@pytest.fixture
def built(folder: Path) -> Path:
    (folder / "index.html").write_text(PAGE)
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "app-a1b2.js").write_text("plain")
    (folder / "assets" / "app-a1b2.js.gz").write_bytes(gzip.compress(b"packed"))
    (folder.parent / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def console(folder: Path) -> Client:
    return TestClient(Bundle(folder))


def test_every_page_of_the_console_is_the_same_page(built: Path, console: Client) -> None:
    for path in ("/", "/persons", "/persons/per_1/timeline"):
        answer = console.get(path)
        assert (answer.status_code, answer.text) == (200, PAGE)
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_page_is_not_sent_twice(built: Path, console: Client) -> None:
    tag = console.get("/").headers["etag"]
    assert console.get("/", headers={"If-None-Match": tag}).status_code == 304
    assert console.get("/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_hashed_files_are_kept_for_ever_and_packed(built: Path, console: Client) -> None:
    packed = console.get("/assets/app-a1b2.js", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in packed.headers["cache-control"]
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == "packed"
    plain = console.get("/assets/app-a1b2.js", headers={"Accept-Encoding": "identity"})
    assert plain.text == "plain"
    assert plain.headers["content-type"].startswith("text/javascript")


def test_text_that_was_not_packed_is_packed_on_the_way(built: Path, console: Client) -> None:
    answer = console.get("/favicon.svg", headers={"Accept-Encoding": "gzip, br"})
    assert (answer.headers["content-encoding"], answer.text) == ("gzip", "<svg/>")


def test_a_missing_file_is_missing(built: Path, console: Client) -> None:
    assert console.get("/assets/app-0000.js").status_code == 404
    assert console.get("/favicon.svg").status_code == 200


@pytest.mark.parametrize("path", ["/../secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt", "//etc/passwd"])
def test_nothing_outside_the_bundle_is_served(built: Path, console: Client, path: str) -> None:
    answer = console.get(path)
    assert "secret" not in answer.text
    assert answer.text in (PAGE, "not found\n")


def test_a_new_build_is_seen(built: Path, console: Client) -> None:
    console.get("/")
    (built / "assets" / "app-c3d4.js").write_text("new")
    (built / "index.html").unlink()
    (built / "index.html").write_text(PAGE + "new")
    assert console.get("/assets/app-c3d4.js").text == "new"


def test_without_a_build_the_page_says_what_to_do(console: Client) -> None:
    answer = console.get("/")
    assert answer.status_code == 503
    assert "make setup" in answer.text


def test_only_reading(built: Path, console: Client) -> None:
    assert console.post("/").status_code == 405
    assert console.head("/").text == ""
    plain = console.head("/", headers={"Accept-Encoding": "identity"})
    assert plain.headers["content-length"] == str(len(PAGE))
