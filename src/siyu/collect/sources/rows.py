"""Rows of imported files as records: an order, a person, an event or a day's spend a row.

A row is known by its shop and order id (or its event id) where the file has one, and else by what it says and how
often the same row came before in its file; so the same file imported twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from siyu.catalog import standard_name
from siyu.collect.identifiers import Refusal, key_of, like_mobile, ordered, refusal
from siyu.collect.importers.cells import CellFault, count_of, date_of, text_of, time_of
from siyu.collect.importers.fields import Entity, Field, field_of, is_identifier
from siyu.collect.importers.files import Row
from siyu.collect.money import NotMoney, fen_of, whole_fen
from siyu.collect.queries import record_key
from siyu.collect.sources.common import BadRecord, check_time, tell_ignored
from siyu.collect.types import Record, TraitOp

NAME = "rows"
SCOPE = "import"

_UNPAID = frozenset(
    ("待付款", "未付款", "等待付款", "等待买家付款", "未支付", "待支付", "交易关闭", "已取消", "已关闭", "取消",
     "unpaid", "pending", "wait_buyer_pay", "cancelled", "canceled", "closed", "trade_closed", "void")
)  # fmt: skip


class Options(msgspec.Struct, frozen=True):
    """How cells are to be read. ``identifier_type`` is a kind of identifier, or auto: told from each value."""

    identifier_type: str = "auto"
    currency_unit: str = "yuan"
    date_format: str | None = None


class RowFault(Exception):
    """A row that can't be taken, and where."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.value = value
        self.reason = reason


class Spend(msgspec.Struct, frozen=True):
    """What a channel path cost on a day; ``amount`` is fen."""

    date: str
    channel: str
    campaign: str
    amount: int
    clicks: int
    impressions: int


class Made(msgspec.Struct):
    """What a row becomes. ``identity`` tells rows apart; with ``counted`` like rows are counted to tell them apart."""

    number: int
    records: list[Record]
    identity: str = ""
    counted: bool = True
    spend: Spend | None = None
    ignored: list[tuple[str, str, str]] = []
    """Identifiers beside good ones that name nobody: column, value and reason."""

    def key_with(self, before: int) -> None:
        """Give the records their keys, when ``before`` like rows came before in the file."""
        for place, record in enumerate(self.records):
            if not record.key:
                record.key = record_key(SCOPE, f"{self.identity}\0{before}\0{place}")


class RowReader:
    """Turns rows of one file into records."""

    def __init__(
        self,
        entity: Entity,
        mapping: Mapping[str, str],
        options: Options,
        columns: Sequence[str],
        *,
        zone: ZoneInfo,
        digest: str,
        now: int,
    ) -> None:
        self._entity = entity
        self._options = options
        self._zone = zone
        self._digest = digest
        self._now = now
        self._columns = columns
        self._fields: list[tuple[Field, int]] = []
        for name, column in mapping.items():
            field = field_of(entity, name)
            if field is not None:
                self._fields.append((field, columns.index(column)))
        used = {place for _, place in self._fields}
        self._others = [(column, place) for place, column in enumerate(columns) if place not in used][:60]
        self._where = {field.name: columns[place] for field, place in self._fields}

    def read(self, row: Row) -> Made:
        """Raises RowFault."""
        if row.fault:
            raise RowFault("", "", row.fault)
        self._check_paid(row)
        values = {field.name: self._value(field, row.cells[place]) for field, place in self._fields}
        values = {name: value for name, value in values.items() if value not in ("", None)}
        if self._entity == "spend":
            return self._spend(row, values)
        ids, refused = self._ids(values)
        make = {"orders": self._order, "persons": self._person, "events": self._event}[self._entity]
        made = make(row, values, ids)
        if refused:
            made.ignored = [(self._where[name], said[1], said[2]) for name, said in refused.items()]
            tell_ignored(made.records, list(refused.values()))
        return made

    def _check_paid(self, row: Row) -> None:
        """Before anything else: an order nobody paid for has no time of payment, either."""
        for field, place in self._fields if self._entity == "orders" else ():
            if field.name == "status" and _unpaid(status := shown(row.cells[place])):
                raise RowFault(self._where["status"], status, "not_paid")

    # --- one cell

    def _value(self, field: Field, cell: Any) -> Any:
        try:
            return self._read(field, cell)
        except CellFault as fault:
            raise RowFault(self._where[field.name], shown(cell), fault.reason) from fault
        except NotMoney as fault:
            raise RowFault(self._where[field.name], shown(cell), "bad_amount") from fault
        except BadRecord as fault:
            reason = {"time_in_future": "future_time", "time_too_old": "old_time"}.get(fault.reason, "bad_time")
            raise RowFault(self._where[field.name], shown(cell), reason) from fault

    def _read(self, field: Field, cell: Any) -> Any:
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            if field.required:
                raise CellFault("missing_event" if field.name == "event" else "missing_value")
            return None
        if field.kind == "time":
            return check_time(time_of(cell, self._zone, self._options.date_format), self._now)
        if field.kind == "date":
            return date_of(cell, self._options.date_format)
        if field.kind == "money":
            return whole_fen(cell) if self._options.currency_unit == "fen" else fen_of(cell)
        if field.kind == "count":
            return count_of(cell)
        return text_of(cell)

    # --- who

    def _ids(self, values: dict[str, Any]) -> tuple[tuple[str, ...], dict[str, Refusal]]:
        """Who it is; and by field the identifiers beside those that name nobody."""
        found: set[str] = set()
        refused: dict[str, Refusal] = {}
        given = {name: value for name, value in values.items() if is_identifier(name)}
        for name, value in given.items():
            kind = self._kind_of(value) if name == "identifier" else name
            if name == "buyer_id":
                kind = f"buyer_id.{values.get('shop', '')[:60] or 'file'}"
            key = key_of(kind, value) if "*" not in value else None
            if key is None and name == "identifier" and "*" not in value:
                raise RowFault(self._where[name], value, "bad_identifier")
            if key:
                found.add(key)
            else:
                refused[name] = (kind, value, "masked" if "*" in value else refusal(kind, value))
        if not found:
            name, value = next(iter(given.items()), ("identifier", ""))
            reason = "masked" if "*" in value else "bad_identifier" if value else "no_identifier"
            raise RowFault(self._where.get(name, ""), value, reason)
        return ordered(found), refused

    def _kind_of(self, value: str) -> str:
        if self._options.identifier_type != "auto":
            return self._options.identifier_type
        if "@" in value:
            return "email"
        return "mobile" if like_mobile(value) else "user_id"

    # --- what

    def _order(self, row: Row, values: dict[str, Any], ids: tuple[str, ...]) -> Made:
        if values["amount"] < 0:
            raise RowFault(self._where["amount"], shown(values["amount"] / 100), "bad_amount")
        order_id, shop, time = values.get("order_id", "")[:255], values.get("shop", "")[:255], values["paid_at"]
        props = self._rest(row) | _named(values, "order_id", "shop", "units", "product", "sku", "category", "currency")
        props |= {"status": values["status"]} if "status" in values else {}
        props |= _free(values, "prop.")
        made = Made(row.number, [], self._identity(values, ids), counted=not order_id)
        made.records.append(_record("order_paid", time, ids, props, values["amount"], order_id, shop))
        if values.get("refunded"):  # a file says how much was refunded in all, so only the first file's word adds
            refunded: dict[str, Any] = {name: props[name] for name in ("order_id", "shop", "currency") if name in props}
            when = values.get("refunded_at", time)
            made.records.append(_record("order_refunded", when, ids, refunded, abs(values["refunded"]), order_id, shop))
        return made

    def _person(self, row: Row, values: dict[str, Any], ids: tuple[str, ...]) -> Made:
        traits = _named(values, "name", "gender", "birthday", "city", "province", "mobile", "email")
        traits |= _free(values, "trait.")
        ops = tuple(TraitOp("set", name, _json(value)) for name, value in traits.items())
        made = Made(row.number, [Record("", self._now, 0, 0, ids, traits=ops)])
        made.identity = f"{self._digest}\0{self._identity(values, ids)}"
        if joined := values.get("registered_at"):
            made.records.append(Record("member_registered", joined, joined // 1000, 0, ids))
        return made

    def _event(self, row: Row, values: dict[str, Any], ids: tuple[str, ...]) -> Made:
        record = _record(standard_name(values["event"][:255]), values["time"], ids, _free(values, "prop."), 0, "", "")
        record.amount = values.get("amount", 0)
        made = Made(row.number, [record], self._identity(values, ids))
        if event_id := values.get("event_id"):
            made.counted = False
            record.key = record_key(SCOPE, f"event\0{event_id}")
        return made

    def _spend(self, row: Row, values: dict[str, Any]) -> Made:
        if values["cost"] < 0:
            raise RowFault(self._where["cost"], shown(values["cost"] / 100), "bad_amount")
        spend = Spend(
            values["date"],
            values["channel"][:255],
            values.get("campaign", "")[:255],
            values["cost"],
            values.get("clicks", 0),
            values.get("impressions", 0),
        )
        return Made(row.number, [], counted=False, spend=spend)

    def _identity(self, values: Mapping[str, Any], ids: tuple[str, ...]) -> str:
        """What a row says in its mapped fields, however it is written."""
        said = {name: value for name, value in values.items() if not is_identifier(name)}
        return "\0".join([self._entity, *ids, *(f"{name}={said[name]}" for name in sorted(said))])

    def _rest(self, row: Row) -> dict[str, Any]:
        """Columns nobody mapped: an order keeps its whole row."""
        rest = {}
        for column, place in self._others:
            try:
                text = text_of(row.cells[place])
            except CellFault:
                continue
            if text:
                rest[column] = text
        return rest


def _record(
    event: str, time: int, ids: tuple[str, ...], props: Mapping[str, Any], amount: int, order_id: str, shop: str
) -> Record:
    record = Record(event, time, time // 1000, 0, ids, _json(props), amount=amount)
    if order_id:
        record.order, record.bucket = order_id, 0
        record.key = record_key(f"order/{shop}", f"{event}/{order_id}")
    return record


def _named(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _free(values: Mapping[str, Any], head: str) -> dict[str, Any]:
    return {name[len(head) :]: value for name, value in values.items() if name.startswith(head)}


def _unpaid(status: str) -> bool:
    return status.strip().lower() in _UNPAID


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def shown(cell: Any) -> str:
    """A cell as it stands in an error list."""
    try:
        return text_of(cell)[:200]
    except CellFault:
        return str(cell)[:200]
