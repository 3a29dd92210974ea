"""What a file may hold: the fields of each kind of content, and the column names people use for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

Entity = Literal["orders", "persons", "events", "spend"]
Kind = Literal["id", "time", "date", "money", "count", "text"]


class Field(msgspec.Struct, frozen=True):
    """``names``: headers that mean this field, lower case without blanks and marks, best first."""

    name: str
    kind: Kind
    names: tuple[str, ...]
    required: bool = False


def _field(name: str, kind: Kind, names: str, required: bool = False) -> Field:
    return Field(name, kind, (name.replace("_", ""), *names.split()), required)


_IDS = (
    _field("identifier", "id", "customerid customer clientid buyerid buyer userid uid memberid 客户编号 客户id 客户"
           " 用户编号 用户id 用户标识 会员id 会员编号 会员号 买家id 买家 客户号"),
    _field("mobile", "id", "phone phonenumber tel telephone 手机号 手机号码 手机 联系手机 联系电话 电话 收货人手机"),
    _field("email", "id", "mail emailaddress 邮箱 电子邮箱 电子邮件"),
    _field("unionid", "id", "wxunionid 微信unionid"),
    _field("member_card", "id", "cardno membercardno 会员卡号 卡号 会员卡"),
    _field("external_userid", "id", "企微外部联系人 外部联系人id"),
    _field("user_id", "id", "accountid 账号id 账号"),
    _field("buyer_id", "id", "buyeropenuid openbuyerid buyeropenid openidbuyer xid 买家openid 买家openuid 下单帐号"
           " 下单账号"),
    _field("device", "id", "deviceid anonymousid cookieid 设备id"),
)  # fmt: skip
_CURRENCY = _field("currency", "text", "币种 货币")

FIELDS: dict[Entity, tuple[Field, ...]] = {
    "orders": (
        *_IDS,
        _field("paid_at", "time", "paidat paytime paymenttime ordertime orderdate purchasedate date time createdat"
               " 支付时间 付款时间 订单付款时间 付款确认时间 下单时间 订单创建时间 成交时间 交易时间 日期 时间", True),
        _field("amount", "money", "paidamount payamount total totalamount orderamount ordertotal revenue dollarvalue"
               " price sales payment 实付金额 实付款 实收金额 支付金额 付款金额 买家实际支付金额 订单金额 总金额"
               " 成交金额 应付金额 金额 消费金额", True),
        _field("order_id", "text", "orderno ordernumber ordersn tid 订单号 订单编号 主订单编号 交易号 单号"
               " 小票号 流水号"),
        _field("shop", "text", "shopname store storename 店铺 店铺名称 门店 网店"),
        _field("units", "count", "quantity qty count items numberofcds numberofitems 件数 数量 商品数量 购买数量"
               " 订购数量 宝贝总数量"),
        _field("product", "text", "productname item itemname title goods 商品 商品名称 商品标题 宝贝标题 产品"),
        _field("sku", "text", "skuid productid itemid 商品编码 货号 商品id sku编码"),
        _field("category", "text", "品类 类目 分类 商品类目"),
        _CURRENCY,
        _field("status", "text", "orderstatus state 订单状态 状态 交易状态"),
        _field("refunded", "money", "refundamount refund 退款金额 已退金额"),
        _field("refunded_at", "time", "refundtime 退款时间"),
    ),
    "persons": (
        *_IDS,
        _field("name", "text", "fullname realname nickname 姓名 名字 昵称 会员姓名 客户姓名"),
        _field("gender", "text", "sex 性别"),
        _field("birthday", "date", "birthdate dob 生日 出生日期"),
        _field("city", "text", "城市 所在城市"),
        _field("province", "text", "region state 省份 省 地区"),
        _field("registered_at", "time", "signupat createdat joinedat registertime 注册时间 入会时间 开卡时间"),
    ),
    "events": (
        *_IDS,
        _field("event", "text", "eventname action behavior behaviour 事件 事件名 事件名称 行为", True),
        _field("time", "time", "timestamp eventtime ts datetime date at 时间 发生时间 事件时间", True),
        _field("amount", "money", "value revenue 金额"),
        _field("event_id", "text", "messageid msgid 事件id 消息id"),
    ),
    "spend": (
        _field("date", "date", "day 日期 投放日期 时间", True),
        _field("channel", "text", "source path media platform sourcepath 渠道 来源 媒体 平台 投放渠道", True),
        _field("cost", "money", "spend amount spent 花费 消耗 费用 投放金额 成本", True),
        _field("campaign", "text", "campaignname plan 活动 计划 计划名称 推广计划 广告计划"),
        _field("clicks", "count", "click 点击 点击数 点击量"),
        _field("impressions", "count", "impression views 展示 展现 曝光 展示数 曝光量"),
    ),
}  # fmt: skip

ALIASES = {"customer": "identifier", "person": "identifier", "date": "paid_at", "time": "paid_at", "id": "identifier"}
"""Short names the command line takes too (``date`` and ``time`` for orders only)."""

FREE = {"orders": "prop.", "events": "prop.", "persons": "trait."}
"""Any other column can become a property or trait: ``prop.colour``, ``trait.vip_level``."""

_MARKS = re.compile(r"[\s_\-.·:：/()（）【】\[\]#*\"']+")


def squeezed(header: str) -> str:
    """A header without case, blanks and marks; units in brackets don't count: ``金额(元)`` is ``金额``."""
    bare = re.sub(r"[(（\[【](元|分|rmb|cny|¥|￥|yuan)[)）\]】]", "", header.strip().lower())
    return _MARKS.sub("", bare)


def field_of(entity: Entity, name: str) -> Field | None:
    """The field of this name; free names become text fields."""
    known = next((field for field in FIELDS[entity] if field.name == name), None)
    if known is not None:
        return known
    head = FREE.get(entity)
    if head and name.startswith(head) and 0 < len(name) - len(head) <= 100:
        return Field(name, "text", ())
    return None


def guess_mapping(entity: Entity, columns: Sequence[str]) -> dict[str, str]:
    """Field → column, as far as the headers tell. Each column serves once.

    The best name of any field goes first, so ``订单号`` isn't taken for something vaguer.
    """
    squeezed_columns = [squeezed(column) for column in columns]
    offers = sorted(
        (rank, place, field.name, column)
        for place, field in enumerate(FIELDS[entity])
        for rank, name in enumerate(field.names)
        for column, header in zip(columns, squeezed_columns, strict=True)
        if header == name
    )
    mapping: dict[str, str] = {}
    for _, _, field_name, column in offers:
        if field_name not in mapping and column not in mapping.values():
            mapping[field_name] = column
    return _with_identifier(entity, mapping)


def _with_identifier(entity: Entity, mapping: dict[str, str]) -> dict[str, str]:
    """A file whose only key is a mobile or the like has that as its identifier."""
    if entity != "spend" and "identifier" not in mapping:
        for field in _IDS:
            if field.name in mapping:
                return {"identifier": mapping[field.name]} | {k: v for k, v in mapping.items() if k != field.name}
    return mapping


def guess_entity(columns: Sequence[str]) -> Entity | None:
    """What a file with these headers holds, None when they don't tell."""
    named = "identifier" in guess_mapping("persons", columns)
    candidates: tuple[Entity, ...] = ("events", "orders", "persons") if named else ("spend",)
    for entity in candidates:
        if not missing_fields(entity, guess_mapping(entity, columns)):
            return entity
    return None


def missing_fields(entity: Entity, mapping: dict[str, str]) -> list[str]:
    """Fields a mapping lacks. Any one identifier is enough to tell who."""
    missing = [field.name for field in FIELDS[entity] if field.required and field.name not in mapping]
    if entity != "spend" and not any(field.name in mapping for field in _IDS):
        missing.insert(0, "identifier")
    return missing


def names_nobody(column: str) -> bool:
    """Whether a column holds Taobao's OAID: an address of one order, never a person's. Nicknames change hands, too."""
    header = squeezed(column)
    return "oaid" in header or header in ("买家会员名", "买家昵称", "buyernick")


def is_identifier(name: str) -> bool:
    return any(field.name == name for field in _IDS)
