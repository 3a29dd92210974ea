"""The connector of docs/connectors.md, installed as a third party's package would be, does what the page says."""

from __future__ import annotations

import hashlib
import hmac
import importlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from siyu.connectors.registry import connectors
from tests.connectors.hub import Hub
from tests.vendors.doors import Answer, Call, Vendor

_DOC = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text("utf-8")


class Tills(Vendor):
    def __init__(self) -> None:
        super().__init__()
        self.receipts = [
            {
                "number": f"R{number}",
                "mobile": f"1371234500{number}",
                "fen": 1000 + number,
                "at": 1_770_000_000 + number,
            }
            for number in range(7)
        ]

    def answer(self, call: Call) -> Answer:
        assert call.path == "/receipts"
        start = int(call.query["after"] or 0)
        more = str(start + 3) if start + 3 < len(self.receipts) else ""
        return {"receipts": self.receipts[start : start + 3], "next": more, "total": len(self.receipts)}


@pytest.fixture
def package(tmp_path: Path) -> Iterator[None]:
    """The page's code and entry point as an installed distribution."""
    code = re.search(r"```python\n(.*?)```", _DOC, re.S)
    entry = re.search(r"```toml\n\[project.entry-points.\"(.*?)\"\]\n(.*?)```", _DOC, re.S)
    assert code
    assert entry
    (tmp_path / "tills.py").write_text(code.group(1), "utf-8")
    info = tmp_path / "tills-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tills\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{entry.group(1)}]\n{entry.group(2).replace(chr(34), '')}")
    sys.path.insert(0, str(tmp_path))
    importlib.invalidate_caches()
    connectors.cache_clear()
    yield
    sys.path.remove(str(tmp_path))
    sys.modules.pop("tills", None)
    connectors.cache_clear()


@pytest.fixture
def tills() -> Iterator[Tills]:
    made = Tills()
    yield made
    made.close()


def post(hub: Hub, install: dict[str, Any], body: bytes, secret: str = "till-secret") -> Any:
    sign = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hub.send(hub.path(install), body, {"x-till-signature": sign})


@pytest.mark.usefixtures("package")
def test_a_connector_is_one_file(hub: Hub, tills: Tills) -> None:
    assert "tills" in {one["connector"] for one in hub.desk.get("/api/connectors/available")["items"]}
    refused = hub.desk.client.post("/api/connectors", json={"connector": "tills", "name": "x", "config": {}})
    assert [one["field"] for one in refused.json()["errors"]] == ["config.secret"]
    install = hub.install("tills", secret="till-secret", api_url=tills.url)
    done = hub.pull(install, "history")
    assert (done["state"], done["done"], done["total"]) == ("done", 7, 7)
    receipt = {"number": "R9", "mobile": "13712345009", "fen": 2500, "at": hub.now()}
    for _ in range(2):
        assert post(hub, install, json.dumps(receipt).encode()).text == "ok"
    assert post(hub, install, json.dumps(receipt).encode(), "guess").status_code == 403
    hub.turn()
    assert hub.events("mobile", "+8613712345009") == ["order_paid"]
    assert len(hub.events("mobile", "+8613712345006")) == 1
    assert hub.show(install)["status"] == "ok"


@pytest.mark.usefixtures("package")
def test_what_can_not_be_read_is_put_aside_and_replayed(hub: Hub, tills: Tills) -> None:
    install = hub.install("tills", secret="till-secret", api_url=tills.url)
    receipt = json.dumps({"number": "R8", "mobile": "13712345008", "fen": "12.5", "at": hub.now()}).encode()
    assert post(hub, install, receipt).text == "ok"
    shown = hub.show(install)
    assert shown["aside"] == 1
    [call] = hub.desk.get(f"/api/connectors/{install['id']}/activity")["calls"]
    assert (call["verdict"], "fen" in call["detail"]) == ("aside", True)
    url = f"/api/connectors/{install['id']}/replay"
    assert hub.desk.post(url) == {"callbacks": 0, "still": 1, "tasks": 0}
    tills_module = sys.modules["tills"]
    # The next version of the package takes it.
    changed = _DOC.split("```python\n")[1].split("```")[0].replace("fen: int", "fen: float | str").replace(
        '"amount_fen": receipt.fen', '"total": str(receipt.fen)'
    )  # fmt: skip
    Path(str(tills_module.__file__)).write_text(changed, "utf-8")
    importlib.reload(tills_module)
    connectors.cache_clear()
    assert hub.desk.post(url) == {"callbacks": 1, "still": 0, "tasks": 0}
    hub.turn()
    assert hub.events("mobile", "+8613712345008") == ["order_paid"]
    assert hub.show(install)["aside"] == 0
