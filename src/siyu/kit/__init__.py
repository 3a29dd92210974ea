"""Ground floor: settings, errors, clock, ids, languages, masks. Imports nothing of the house."""

# fmt: off
from siyu.kit.cells import inert
from siyu.kit.clock import DAY, HOUR, MINUTE, SECOND, Clock, ManualClock, SystemClock, iso, iso_or_none, parse_iso
from siyu.kit.config import BadSettings, Settings, load_settings
from siyu.kit.errors import (
    BadInput,
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    SiyuError,
    StaleEdit,
    TooLarge,
    TooMany,
    Unauthorized,
    Unavailable,
)
from siyu.kit.forms import field, schema_of, secrets_of
from siyu.kit.i18n import error_text, language_of, zh_messages
from siyu.kit.ids import new_id, new_token, person_no, person_ref
from siyu.kit.log import configure_logs, logger
from siyu.kit.masks import mask_email, mask_identifier, mask_middle, mask_name
from siyu.kit.metrics import counter, gauge, histogram, metrics_text
from siyu.kit.outbound import Outbound, OutboundRefused, check_host
from siyu.kit.shapes import work_out_shapes
from siyu.kit.signing import signature, standard_secret, standard_signature
from siyu.kit.web import Page, VersionNeeded, check_version, edited_version, etag

__all__ = [
    "DAY", "HOUR", "MINUTE", "SECOND", "BadInput", "BadSettings", "Clock", "Conflict", "FieldError", "Forbidden",
    "Invalid", "ManualClock", "NotFound", "Outbound", "OutboundRefused", "Page", "Settings", "SiyuError", "StaleEdit",
    "SystemClock", "TooLarge", "TooMany", "Unauthorized", "Unavailable", "VersionNeeded", "check_host", "check_version",
    "configure_logs", "counter", "edited_version", "error_text", "etag", "field", "gauge", "histogram", "inert", "iso",
    "iso_or_none", "language_of", "load_settings", "logger", "mask_email", "mask_identifier", "mask_middle",
    "mask_name", "metrics_text", "new_id", "new_token", "parse_iso", "person_no", "person_ref", "schema_of",
    "secrets_of", "signature", "standard_secret", "standard_signature", "work_out_shapes", "zh_messages",
]
