"""The standard events: the words every room shares for what customers do.

Foreign names (Segment's e-commerce spec, names common in Chinese tracking plans) are renamed at the door, so
"Order Completed", ``$PayOrder`` and ``order_paid`` are one thing everywhere behind it.
"""

from __future__ import annotations

import msgspec


class ChannelEffect(msgspec.Struct, frozen=True):
    """An event that makes a person reachable on a channel (``on``) or not any more."""

    channel: str
    on: bool


class StandardEvent(msgspec.Struct, frozen=True):
    """``enters``: the first of these puts a person into the private domain. ``negative``: one of the bad signals."""

    name: str
    zh: str
    en: str
    group: str
    effect: ChannelEffect | None = None
    enters: bool = False
    negative: bool = False


def _on(channel: str) -> ChannelEffect:
    return ChannelEffect(channel, True)


def _off(channel: str) -> ChannelEffect:
    return ChannelEffect(channel, False)


_EVENTS = (
    StandardEvent("page_viewed", "浏览页面", "Viewed a page", "behaviour"),
    StandardEvent("screen_viewed", "浏览屏幕", "Viewed a screen", "behaviour"),
    StandardEvent("app_opened", "打开 App", "Opened the app", "behaviour"),
    StandardEvent("mp_visited", "访问小程序", "Visited the mini program", "behaviour", _on("mini_program")),
    StandardEvent("product_viewed", "浏览商品", "Viewed a product", "behaviour"),
    StandardEvent("searched", "搜索", "Searched", "behaviour"),
    StandardEvent("cart_added", "加购", "Added to cart", "behaviour"),
    StandardEvent("cart_removed", "移出购物车", "Removed from cart", "behaviour"),
    StandardEvent("checkout_started", "开始结算", "Started checkout", "behaviour"),
    StandardEvent("store_visited", "到店", "Visited a store", "behaviour"),
    StandardEvent("order_paid", "支付订单", "Paid an order", "order"),
    StandardEvent("order_refunded", "订单退款", "Order refunded", "order"),
    StandardEvent("coupon_received", "领取优惠券", "Received a coupon", "offer"),
    StandardEvent("coupon_used", "使用优惠券", "Used a coupon", "offer"),
    StandardEvent(
        "oa_followed", "关注公众号", "Followed the Official Account", "contact", _on("official_account"), True
    ),
    StandardEvent(
        "oa_unfollowed",
        "取消关注公众号",
        "Unfollowed the Official Account",
        "contact",
        _off("official_account"),
        negative=True,
    ),
    StandardEvent("oa_message_received", "给公众号发消息", "Wrote to the Official Account", "contact"),
    StandardEvent("oa_menu_clicked", "点击公众号菜单", "Tapped the Official Account's menu", "contact"),
    StandardEvent("oa_scanned", "扫公众号二维码", "Scanned the Official Account's code", "contact"),
    StandardEvent("oa_located", "上报地理位置", "Told the Official Account where they are", "contact"),
    StandardEvent("oa_template_finished", "模板消息送达回执", "Template message receipt", "message"),
    StandardEvent("wecom_contact_edited", "企微客户资料变更", "WeCom contact edited", "contact"),
    StandardEvent("wecom_link_ended", "与一名企微成员解除好友", "No longer a friend of one WeCom member", "contact"),
    StandardEvent("wecom_moment_liked", "点赞朋友圈", "Liked a WeCom moment", "contact"),
    StandardEvent("wecom_moment_commented", "评论朋友圈", "Commented on a WeCom moment", "contact"),
    StandardEvent("wecom_transferred", "企微继承完成", "WeCom hand-over done", "contact"),
    StandardEvent("wecom_transfer_failed", "企微继承失败", "WeCom hand-over failed", "contact"),
    StandardEvent("code_joined", "通过渠道活码加入", "Joined by a channel code", "contact"),
    StandardEvent("parcel_matched", "包裹卡匹配订单", "Recognised by a parcel card's order", "contact"),
    StandardEvent("douyin_followed", "关注抖音号", "Followed on Douyin", "contact"),
    StandardEvent("douyin_message_received", "给抖音号发私信", "Wrote on Douyin", "contact"),
    StandardEvent("lead_left", "留下线索", "Left a lead", "contact"),
    StandardEvent("wecom_friend_added", "添加企微好友", "Added a WeCom friend", "contact", _on("wecom_friend"), True),
    StandardEvent(
        "wecom_friend_removed",
        "删除企微好友",
        "Removed the WeCom friend",
        "contact",
        _off("wecom_friend"),
        negative=True,
    ),
    StandardEvent("group_joined", "加入社群", "Joined a group", "contact", _on("wecom_group"), True),
    StandardEvent("group_left", "退出社群", "Left a group", "contact", _off("wecom_group"), negative=True),
    StandardEvent("member_registered", "注册会员", "Registered as a member", "contact", enters=True),
    StandardEvent("phone_bound", "绑定手机", "Bound a mobile number", "contact", enters=True),
    StandardEvent("app_installed", "安装 App", "Installed the app", "contact", _on("app"), True),
    StandardEvent("app_uninstalled", "卸载 App", "Uninstalled the app", "contact", _off("app"), negative=True),
    StandardEvent("friend_invited", "带来一位朋友", "Brought a friend", "referral"),
    StandardEvent("consent_granted", "同意接收", "Gave consent", "consent"),
    StandardEvent("subscribe_granted", "同意接收一次订阅消息", "Agreed to one subscribe message", "consent"),
    StandardEvent("consent_withdrawn", "撤回同意", "Withdrew consent", "consent", negative=True),
    StandardEvent("opted_out", "退订", "Opted out", "consent", negative=True),
    StandardEvent("complained", "投诉", "Complained", "consent", negative=True),
    StandardEvent("blocked", "拉黑", "Blocked us", "consent", negative=True),
    StandardEvent("muted", "设为免打扰", "Muted us", "consent", negative=True),
    StandardEvent("message_sent", "消息已发送", "Message sent", "message"),
    StandardEvent("message_delivered", "消息已送达", "Message delivered", "message"),
    StandardEvent("message_undelivered", "消息未送达", "Message not delivered", "message"),
    StandardEvent("message_opened", "消息已打开", "Message opened", "message"),
    StandardEvent("message_clicked", "消息被点击", "Message clicked", "message"),
    StandardEvent("link_scanned", "链接被程序打开", "Link opened by a program", "message"),
    StandardEvent("message_replied", "消息被回复", "Message replied to", "message"),
    StandardEvent("message_failed", "消息发送失败", "Message failed", "message"),
    StandardEvent("message_refused", "消息被拦截", "Message held back", "message"),
    StandardEvent("tag_given", "打上标签", "Given a tag", "audience"),
    StandardEvent("audience_entered", "进入人群", "Entered an audience", "audience"),
    StandardEvent("audience_left", "离开人群", "Left an audience", "audience"),
    StandardEvent("journey_entered", "进入旅程", "Entered a journey", "journey"),
    StandardEvent("journey_exited", "离开旅程", "Left a journey", "journey"),
    StandardEvent("journey_converted", "达成旅程目标", "Came to a journey's goal", "journey"),
)

STANDARD: dict[str, StandardEvent] = {event.name: event for event in _EVENTS}

FOREIGN: dict[str, str] = {
    "Product Added": "cart_added",
    "Product Removed": "cart_removed",
    "Product Viewed": "product_viewed",
    "Products Searched": "searched",
    "Checkout Started": "checkout_started",
    "Order Completed": "order_paid",
    "Order Refunded": "order_refunded",
    "Application Installed": "app_installed",
    "Application Uninstalled": "app_uninstalled",
    "Application Opened": "app_opened",
    "Signed Up": "member_registered",
    "Coupon Applied": "coupon_used",
    "Unsubscribed": "opted_out",
    "AddToCart": "cart_added",
    "addToCart": "cart_added",
    "加入购物车": "cart_added",
    "加购": "cart_added",
    "PayOrder": "order_paid",
    "payOrder": "order_paid",
    "支付订单": "order_paid",
    "ViewProduct": "product_viewed",
    "$MPShow": "mp_visited",
    "$MPLaunch": "mp_visited",
    "$pageview": "page_viewed",
    "$AppStart": "app_opened",
    "$AppInstall": "app_installed",
}

OWNED_CHANNELS: dict[str, bool] = {
    "official_account": True,
    "wecom_friend": True,
    "wecom_group": True,
    "mini_program": True,
    "app": True,
    "website": False,
    "email": True,
    "sms": True,
    "webhook": False,
}
"""Channel → whether the brand can reach out on it by itself. A website waits for the visitor, and a webhook hands the
person to another program, so neither makes a person reachable."""


def standard_name(name: str) -> str:
    """The standard name of a foreign event name; any other name is answered unchanged."""
    return FOREIGN.get(name, name)
