"""Code to copy for each SDK, key and address filled in."""

from __future__ import annotations

from siyu.collect.views import Snippet

_CURL = """curl {url}/v1/track -u '{key}:' -H 'content-type: application/json' -d '{{
  "userId": "u-1", "event": "Product Added",
  "properties": {{"product_id": "SKU-1", "name": "玫瑰精华", "price": 129.00, "quantity": 1}}
}}'"""

_SEGMENT_PYTHON = """import segment.analytics as analytics

analytics.write_key = "{key}"
analytics.host = "{url}"

analytics.identify("u-1", {{"name": "张小美", "phone": "13812345678"}})
analytics.track("u-1", "Order Completed", {{"order_id": "A1001", "revenue": 258.00, "currency": "CNY"}})
analytics.flush()"""

_SEGMENT_NODE = """import {{ Analytics }} from "@segment/analytics-node";

const analytics = new Analytics({{ writeKey: "{key}", host: "{url}" }});

analytics.identify({{ userId: "u-1", traits: {{ name: "张小美", phone: "13812345678" }} }});
analytics.track({{ userId: "u-1", event: "Product Added", properties: {{ product_id: "SKU-1", price: 129 }} }});
await analytics.closeAndFlush();"""

_SEGMENT_WEB = """<script type="module">
  import {{ AnalyticsBrowser }} from "@segment/analytics-next";
  const analytics = AnalyticsBrowser.load(
    {{ writeKey: "{key}", cdnSettings: {{ integrations: {{ "Segment.io": {{ apiKey: "{key}" }} }} }} }},
    {{ integrations: {{ "Segment.io": {{ apiHost: "{host}/v1", protocol: "{scheme}" }} }} }},
  );
  analytics.page();
</script>"""

_RUDDER_PYTHON = """import rudderstack.analytics as rudder_analytics

rudder_analytics.write_key = "{key}"
rudder_analytics.dataPlaneUrl = "{url}"

rudder_analytics.track("u-1", "Order Completed", {{"order_id": "A1001", "revenue": 258.00, "currency": "CNY"}})
rudder_analytics.flush()"""

_RUDDER_NODE = """import RudderAnalytics from "@rudderstack/rudder-sdk-node";

const client = new RudderAnalytics("{key}", {{ dataPlaneUrl: "{url}" }});

client.track({{ userId: "u-1", event: "Product Added", properties: {{ product_id: "SKU-1", price: 129 }} }});
client.flush();"""

_SENSORS_PYTHON = """from sensorsanalytics.sdk import BatchConsumer, SensorsAnalytics

sa = SensorsAnalytics(BatchConsumer("{url}/sa?project=default&token={key}"))

sa.profile_set("u-1", {{"name": "张小美"}}, is_login_id=True)
sa.track("u-1", "PayOrder", {{"order_id": "A1001", "order_amount": 258.00}}, is_login_id=True)
sa.close()"""

_SENSORS_WEB = """<script src="/sensorsdata.min.js"></script>
<script>
  var sensors = window["sensorsDataAnalytic201505"];
  sensors.init({{
    server_url: "{url}/sa?project=default&token={key}",
    is_track_single_page: true,
    heatmap: {{ clickmap: "not_collect", scroll_notice_map: "not_collect" }},
  }});
  sensors.quick("autoTrack");
  sensors.login("u-1");
  sensors.track("AddToCart", {{ product_id: "SKU-1", price: 129 }});
</script>"""

_SENSORS_MINI = """// app.js
var sensors = require("./sensorsdata.min.js");
sensors.setPara({{
  name: "sensors",
  server_url: "{url}/sa?project=default&token={key}",
  autoTrack: {{ appLaunch: true, appShow: true, pageShow: true }},
}});
sensors.init();
sensors.login("u-1");
sensors.track("AddToCart", {{ product_id: "SKU-1", price: 129 }});"""

_SENSORS_CURL = """curl {url}/sa?token={key} --data-urlencode "data=$(printf '%s' '{{
  "type": "track", "event": "AddToCart", "time": '"$(date +%s)000"', "distinct_id": "u-1",
  "properties": {{"$is_login_id": true, "product_id": "SKU-1", "price": 129}}
}}' | base64 | tr -d '\\n')" """

_GROWINGIO_PYTHON = """from growingio_tracker import DefaultConsumer, GrowingTracker

gio = GrowingTracker.consumer(DefaultConsumer("{key}", "siyu", "{url}"))

gio.track_user(login_user_id="u-1", attributes={{"name": "张小美", "phone": "13812345678"}})
gio.track_custom_event("PayOrder", login_user_id="u-1", attributes={{"order_id": "A1001", "order_amount": 258.00}})"""

_GROWINGIO_CURL = """curl '{url}/v3/projects/{key}/collect' -H 'content-type: application/json' -d '[{{
  "eventType": "CUSTOM", "eventName": "AddToCart", "userId": "u-1", "timestamp": '"$(date +%s)000"',
  "attributes": {{"product_id": "SKU-1", "price": 129, "tags": "serum||rose"}}
}}]'"""

_IMPORT = """siyu import orders.csv --entity orders --server {url} --key $SIYU_API_KEY"""

_SNIPPETS: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "segment": (
        ("curl", "curl", "bash", _CURL, ""),
        ("segment-python", "Segment · Python", "python", _SEGMENT_PYTHON, "pip install segment-analytics-python"),
        ("segment-node", "Segment · Node.js", "javascript", _SEGMENT_NODE, "npm install @segment/analytics-node"),
        ("segment-web", "Segment · Web", "html", _SEGMENT_WEB, "npm install @segment/analytics-next"),
        ("rudder-python", "RudderStack · Python", "python", _RUDDER_PYTHON, "pip install rudder-sdk-python"),
        (
            "rudder-node",
            "RudderStack · Node.js",
            "javascript",
            _RUDDER_NODE,
            "npm install @rudderstack/rudder-sdk-node",
        ),
    ),
    "sensors": (
        ("sensors-web", "神策 · Web", "html", _SENSORS_WEB, "npm install sa-sdk-javascript"),
        ("sensors-mini-program", "神策 · 微信小程序", "javascript", _SENSORS_MINI, "npm install sa-sdk-miniprogram"),
        ("sensors-python", "神策 · Python", "python", _SENSORS_PYTHON, "pip install SensorsAnalyticsSDK"),
        ("curl", "curl", "bash", _SENSORS_CURL.strip(), ""),
    ),
    "growingio": (
        ("growingio-python", "GrowingIO · Python", "python", _GROWINGIO_PYTHON, "pip install growingio-tracker"),
        ("curl", "curl", "bash", _GROWINGIO_CURL, ""),
    ),
    "import": (("siyu-import", "siyu import", "bash", _IMPORT, ""),),
}


def snippets_for(kind: str, key: str, url: str) -> list[Snippet]:
    """Snippets for a source of this kind. ``url`` is the address customers' devices reach Siyu at."""
    scheme, _, host = url.rstrip("/").partition("://")
    filled = {"key": key, "url": url.rstrip("/"), "host": host, "scheme": scheme}
    return [
        Snippet(sdk, title, language, code.format(**filled), install)
        for sdk, title, language, code, install in _SNIPPETS.get(kind, ())
    ]
