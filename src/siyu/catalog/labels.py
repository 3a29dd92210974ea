"""What channels, stages, traits and properties are called on screen, and which properties standard events carry."""

from __future__ import annotations

from siyu.catalog.types import Label, ValueType

CHANNEL_LABELS: dict[str, Label] = {
    "official_account": Label("公众号", "Official Account"),
    "wecom_friend": Label("企微好友", "WeCom friend"),
    "wecom_group": Label("企微社群", "WeCom group"),
    "mini_program": Label("小程序", "Mini program"),
    "app": Label("App", "App"),
    "website": Label("网站", "Website"),
    "email": Label("邮件", "Email"),
    "sms": Label("短信", "SMS"),
    "webhook": Label("Webhook", "Webhook"),
}

STAGE_LABELS: dict[str, Label] = {
    "new": Label("新用户", "New"),
    "first_order": Label("首单", "First order"),
    "repeat": Label("复购", "Repeat"),
    "silent": Label("沉默", "Silent"),
    "churned": Label("流失", "Churned"),
}

_WORDS: dict[str, Label] = {
    "name": Label("名称", "Name"),
    "email": Label("邮箱", "Email"),
    "phone": Label("手机号", "Phone"),
    "mobile": Label("手机号", "Mobile"),
    "gender": Label("性别", "Gender"),
    "age": Label("年龄", "Age"),
    "birthday": Label("生日", "Birthday"),
    "city": Label("城市", "City"),
    "province": Label("省份", "Province"),
    "region": Label("地区", "Region"),
    "education": Label("学历", "Education"),
    "income": Label("收入", "Income"),
    "skin_type": Label("肤质", "Skin type"),
    "amount": Label("金额（分）", "Amount (fen)"),
    "order_id": Label("订单号", "Order number"),
    "currency": Label("币种", "Currency"),
    "units": Label("件数", "Units"),
    "quantity": Label("数量", "Quantity"),
    "product_id": Label("商品编号", "Product id"),
    "sku": Label("SKU", "SKU"),
    "category": Label("品类", "Category"),
    "brand": Label("品牌", "Brand"),
    "price": Label("价格", "Price"),
    "channel": Label("渠道", "Channel"),
    "reason": Label("原因", "Reason"),
    "query": Label("搜索词", "Search text"),
    "coupon": Label("优惠券", "Coupon"),
    "coupon_id": Label("优惠券编号", "Coupon id"),
    "url": Label("网址", "Address"),
    "path": Label("路径", "Path"),
    "title": Label("标题", "Title"),
    "group_id": Label("社群编号", "Group id"),
    "store": Label("门店", "Store"),
    "shop": Label("店铺", "Shop"),
    "product_name": Label("商品名称", "Product name"),
    "revenue": Label("订单金额", "Order total"),
    "origin": Label("来源", "Origin"),
    "birth_month": Label("生日月份", "Birth month"),
    "mobile_tail": Label("手机尾号", "End of the mobile"),
    "member_card": Label("会员卡", "Member card"),
    "registered_at_shop": Label("注册店铺", "Registered at"),
    "counter_staff": Label("专柜导购", "Counter staff"),
    "is_staff": Label("是员工", "Is staff"),
    "external_userid": Label("企微外部联系人", "WeCom contact"),
    "wecom_staff": Label("企微员工", "WeCom staff"),
    "oa_language": Label("公众号语言", "Official Account language"),
    "oa_remark": Label("公众号备注", "Official Account remark"),
    "oa_tags": Label("公众号标签", "Official Account tags"),
    "first_code": Label("首个渠道活码", "First channel code"),
    "code_tags": Label("活码标签", "Channel code tags"),
    "push_token": Label("推送标识", "Push token"),
}

_PRODUCT: dict[str, ValueType] = {
    "product_id": "string", "name": "string", "category": "string", "price": "number", "quantity": "number",
}  # fmt: skip
_ORDER: dict[str, ValueType] = {"amount": "number", "order_id": "string", "currency": "string", "units": "number"}

USUAL_PROPERTIES: dict[str, dict[str, ValueType]] = {
    "product_viewed": _PRODUCT,
    "cart_added": _PRODUCT,
    "cart_removed": _PRODUCT,
    "searched": {"query": "string"},
    "order_paid": _ORDER,
    "order_refunded": _ORDER,
    "consent_granted": {"channel": "string"},
    "consent_withdrawn": {"channel": "string"},
    "opted_out": {"channel": "string"},
    "message_sent": {"channel": "string"},
    "message_refused": {"channel": "string", "reason": "string"},
}
"""Properties a rule may ask for before any event has brought them."""


def word_label(name: str) -> Label:
    """What a trait or property is called; its own name where nothing better is known."""
    return _WORDS.get(name.removeprefix("$"), Label(name, name))
