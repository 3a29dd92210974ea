"""Without the optional extra everything else works, and the queue says what to do."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from tests.servers import start_server


def test_without_the_extra_a_run_is_refused_with_the_remedy(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['splink'] = None\n")
    path = os.pathsep.join([str(hidden), *filter(None, [os.environ.get("PYTHONPATH")])])
    server = start_server(tmp_path / "server", cold=True, PYTHONPATH=path)
    try:
        with closing(server.sign_in()) as client:
            assert client.get("/api/suggestions/desk").json()["ready"] is False
            assert client.get("/api/suggestions").json()["items"] == []
            refused = client.post("/api/suggestions/runs", json={})
            assert (refused.status_code, refused.json()["code"]) == (409, "matching_missing")
            assert 'pip install "siyu[suggest]"' in refused.json()["detail"]
    finally:
        server.stop()
