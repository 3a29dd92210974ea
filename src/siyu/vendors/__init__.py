"""Vendors: one vendor's protocol a file. Signatures, tokens, crypto and what its error codes mean; no rule of ours."""

from siyu.vendors import (
    aliyun_sms,
    callbacks,
    doudian,
    shops,
    tencent_sms,
    wechat,
    wechat_fans,
    wecom,
    wecom_contacts,
    youzan,
)
from siyu.vendors.callbacks import BadCallback, Crypto
from siyu.vendors.calls import InDoubt, NotTaken, VendorRefused, Verdict
from siyu.vendors.tencent_access import Access
from siyu.vendors.tokens import TOKENS, Tokens

# fmt: off
__all__ = [
    "TOKENS", "Access", "BadCallback", "Crypto", "InDoubt", "NotTaken", "Tokens", "VendorRefused", "Verdict",
    "aliyun_sms", "callbacks", "doudian", "shops", "tencent_sms", "wechat", "wechat_fans", "wecom", "wecom_contacts",
    "youzan",
]
