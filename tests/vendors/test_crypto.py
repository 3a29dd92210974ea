"""The envelope of callbacks, both ways with wechatpy: an Official Account's and a corp's, whatever the text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as CorpCrypto
from wechatpy.exceptions import InvalidSignatureException

from siyu.vendors import BadCallback, Crypto

TOKEN, KEY, RECEIVER = "callback-token", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "ww0123456789"
OURS = Crypto(TOKEN, KEY, RECEIVER)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=300)


def part(text: str, name: str) -> str:
    return text.split(f"<{name}><![CDATA[")[1].split("]]>")[0]


@pytest.mark.parametrize("kind", [WeChatCrypto, CorpCrypto])
@given(TEXTS)
def test_what_we_seal_wechatpy_opens_and_the_other_way_round(kind: Any, text: str) -> None:
    theirs = kind(TOKEN, KEY, RECEIVER)
    ours = OURS.envelope(text, "1772416800", "n1")
    opened = theirs.decrypt_message(ours, part(ours, "MsgSignature"), "1772416800", "n1")
    assert opened == text if isinstance(opened, str) else opened.decode() == text
    made = theirs.encrypt_message(text, "n1", "1772416800")
    assert OURS.open(part(made, "Encrypt"), part(made, "MsgSignature"), "1772416800", "n1") == text


@pytest.mark.parametrize("kind", [WeChatCrypto, CorpCrypto])
def test_what_one_refuses_the_other_refuses(kind: Any) -> None:
    ours = OURS.envelope("在吗", "1772416800", "n1")
    for nonce, sign in (("n2", part(ours, "MsgSignature")), ("n1", "0" * 40)):
        with pytest.raises(InvalidSignatureException):
            kind(TOKEN, KEY, RECEIVER).decrypt_message(ours, sign, "1772416800", nonce)
        with pytest.raises(BadCallback):
            OURS.open(part(ours, "Encrypt"), sign, "1772416800", nonce)
