"""Every connector there is. A new one is a file in ``kinds`` and a line below, or an entry point."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from siyu.connectors.contract import Connector
from siyu.connectors.kinds import (
    douyin,
    douyin_shop,
    pos,
    wechat_mini,
    wechat_oa,
    wechat_pay,
    wechat_shop,
    wecom,
    youzan,
)
from siyu.kit import NotFound, work_out_shapes

_OURS = (
    wechat_oa.CONNECTOR,
    wechat_mini.CONNECTOR,
    wecom.CONNECTOR,
    wechat_shop.CONNECTOR,
    youzan.CONNECTOR,
    douyin.CONNECTOR,
    douyin_shop.CONNECTOR,
    pos.CONNECTOR,
    wechat_pay.CONNECTOR,
)


@cache
def connectors() -> dict[str, Connector]:
    """Connectors by name, ours and third parties'."""
    others = [point.load() for point in entry_points(group="siyu.connectors")]
    work_out_shapes()
    return {one.name: one for one in (*others, *_OURS)}


def connector_named(name: str) -> Connector:
    """Raises NotFound."""
    if name not in connectors():
        raise NotFound(what=f"connector {name[:40]}")
    return connectors()[name]
