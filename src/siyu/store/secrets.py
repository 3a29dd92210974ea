"""Secrets at rest: sealed with a key that lives in the data folder, readable by its owner only."""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from siyu.kit import SiyuError


class WrongSecretKey(SiyuError):
    """A stored secret cannot be opened with {file}. Put back the key file that belongs to this data folder."""

    code = "wrong_secret_key"
    status = 500


class Secrets:
    """Seals and opens short texts such as passwords of mail servers."""

    def __init__(self, file: Path) -> None:
        self._file = file
        if not file.exists():
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(Fernet.generate_key())
                out.flush()
                os.fsync(out.fileno())
        key = file.read_bytes()
        self._fernet, self._key = Fernet(key), key.strip()

    def key_for(self, purpose: str) -> bytes:
        """A key of its own for one purpose, always the same in this folder."""
        return hmac.digest(self._key, purpose.encode(), "sha256")

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise WrongSecretKey(file=str(self._file)) from error
