"""Importing the product leaves the machine alone."""

import subprocess
import sys

_IMPORT = """
import sys
def refuse(event, args):
    if event in ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec"):
        sys.exit(f"{event} {args[:2]}")
sys.addaudithook(refuse)
import siyu.app
from siyu.packages.ssh import asyncssh
assert asyncssh.__version__
"""


def test_import_starts_no_program() -> None:
    said = subprocess.run([sys.executable, "-c", _IMPORT], check=False, capture_output=True, text=True)
    assert (said.returncode, said.stderr) == (0, "")
