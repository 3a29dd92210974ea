"""Tables of the event engine. Steps run once each, in order; never edit one that has shipped, add another."""

from __future__ import annotations

import pyarrow as pa

EVERY_MONTH = ""
"""Stands for all months where some are named."""

MS = pa.timestamp("ms", tz="UTC")

COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "events": {
        "person": pa.uint64(),
        "time": MS,
        "event": pa.string(),
        "key": pa.uint64(),
        "source": pa.string(),
        "received": MS,
        "amount": pa.int64(),
        "props": pa.string(),
        "context": pa.string(),
        "anchor": pa.uint64(),
        "original": pa.string(),
    },
    "persons": {
        "person": pa.uint64(),
        "version": pa.uint64(),
        "created": MS,
        "entered": MS,
        "entered_via": pa.string(),
        "orders": pa.uint32(),
        "revenue": pa.int64(),
        "first_order": MS,
        "last_order": MS,
        "channels": pa.list_(pa.string()),
        "traits": pa.string(),
        "deleted": pa.uint8(),
        "consents": pa.list_(pa.string()),
        "paid": pa.list_(MS),
        "staff": pa.uint8(),
    },
    "tag_values": {
        "tag": pa.string(),
        "person": pa.uint64(),
        "version": pa.uint64(),
        "since": MS,
        "value": pa.string(),
        "items": pa.list_(pa.string()),
    },
    "tag_scratch": {
        "slot": pa.uint64(),
        "person": pa.uint64(),
        "value": pa.string(),
        "items": pa.list_(pa.string()),
    },
    "aliases": {"person": pa.uint64(), "canonical": pa.uint64(), "version": pa.uint64()},
}

OPTIONAL = frozenset({"anchor", "original", "paid", "staff"})
"""Columns rows may come without."""

JSON_COLUMNS = {"props": "props_text", "traits": "traits_text"}
"""JSON comes in through a text column that is not stored. Arrow's reader makes JSON with settings of its own, which
take digits and slashes for dates; a default computed by the insert obeys the settings of the insert."""

_DURABLE = "fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000"

STEPS: tuple[str, ...] = (
    f"""
    CREATE TABLE IF NOT EXISTS events (
        person UInt64,
        time DateTime64(3, 'UTC') CODEC(LZ4),
        event LowCardinality(String),
        key UInt64,
        source LowCardinality(String),
        received DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
        amount Int64,
        props_text String EPHEMERAL '{{}}',
        props JSON(max_dynamic_paths = 256) DEFAULT CAST(props_text, 'JSON(max_dynamic_paths = 256)'),
        context String CODEC(ZSTD(1))
    ) ENGINE = MergeTree PARTITION BY toYYYYMM(time) ORDER BY (person, time)
    SETTINGS index_granularity = 256, {_DURABLE}
    """,
    f"""
    CREATE TABLE IF NOT EXISTS persons (
        person UInt64,
        version UInt64,
        created DateTime64(3, 'UTC'),
        entered DateTime64(3, 'UTC'),
        entered_via LowCardinality(String),
        orders UInt32,
        revenue Int64,
        first_order DateTime64(3, 'UTC'),
        last_order DateTime64(3, 'UTC'),
        channels Array(LowCardinality(String)),
        traits_text String EPHEMERAL '{{}}',
        traits JSON(max_dynamic_paths = 256) DEFAULT CAST(traits_text, 'JSON(max_dynamic_paths = 256)'),
        deleted UInt8
    ) ENGINE = ReplacingMergeTree(version) ORDER BY person SETTINGS {_DURABLE}
    """,
    f"""
    CREATE TABLE IF NOT EXISTS aliases (person UInt64, canonical UInt64, version UInt64)
    ENGINE = ReplacingMergeTree(version) ORDER BY person SETTINGS {_DURABLE}
    """,
    """
    CREATE DICTIONARY IF NOT EXISTS canon (person UInt64, canonical UInt64) PRIMARY KEY person
    SOURCE(CLICKHOUSE(QUERY
        'SELECT person, argMax(canonical, version) AS canonical FROM {database}.aliases GROUP BY person'))
    LAYOUT(HASHED()) LIFETIME(0)
    """,
    """
    ALTER TABLE {database}.events ADD COLUMN IF NOT EXISTS anchor UInt64
    DEFAULT bitShiftRight(xxh3(concat('person:', toString(person))), 1) CODEC(ZSTD(1))
    """,
    """
    ALTER TABLE {database}.events MODIFY SETTING enable_block_number_column = 1, enable_block_offset_column = 1
    """,
    "ALTER TABLE {database}.persons ADD COLUMN IF NOT EXISTS `consents` Array(LowCardinality(String))",
    f"""
    CREATE TABLE IF NOT EXISTS tag_values (
        tag LowCardinality(String),
        person UInt64,
        version UInt64 CODEC(ZSTD(1)),
        since DateTime64(3, 'UTC') CODEC(ZSTD(1)),
        value String CODEC(ZSTD(1)),
        items Array(String) CODEC(ZSTD(1))
    ) ENGINE = MergeTree ORDER BY (tag, person, version) SETTINGS {_DURABLE}
    """,
    """
    CREATE TABLE IF NOT EXISTS tag_scratch (slot UInt64, person UInt64, value String, items Array(String))
    ENGINE = Memory
    """,
    "ALTER TABLE {database}.persons ADD COLUMN IF NOT EXISTS paid Array(DateTime64(3, 'UTC'))",
    "ALTER TABLE {database}.persons ADD COLUMN IF NOT EXISTS staff UInt8",
    "ALTER TABLE {database}.events ADD COLUMN IF NOT EXISTS original LowCardinality(String)",
    """
    ALTER TABLE {database}.events MODIFY SETTING min_compress_block_size = 8192,
        min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1
    """,
    """
    CREATE OR REPLACE DICTIONARY canon (person UInt64, canonical UInt64) PRIMARY KEY person
    SOURCE(CLICKHOUSE(QUERY
        'SELECT person, argMax(canonical, version) AS canonical FROM {database}.aliases GROUP BY person'))
    LAYOUT(FLAT(INITIAL_ARRAY_SIZE 1024 MAX_ARRAY_SIZE 1000000000)) LIFETIME(0)
    """,
)
"""The steps after the tables. ``anchor`` is what the identifier an event came with hashes to
(``collect.anchor_of``); events of before it was kept are anchored to the number they were written under. Sorted by
person it repeats: 2.8 bytes an event where three identifiers take turns, 1.8 where there is one. Patches, which mask
rows, name a row by its block (0.1 bytes an event). ``paid`` are the times of a person's orders, where there is more
than one: with them the stage on any day is read from this table alone. ``staff`` accounts count in no figure.
``original`` is the name an event came under, where another has taken it over. Small blocks and months merged to one
part once they have been quiet for a day: who asks about 2,500 scattered persons unpacks a third less
(docs/decisions/0019). Person numbers are given out from 1 on, so the dictionary of merged persons is an array: looking
up costs nothing beside reading the row, and it takes 8 bytes for each number up to the highest that was absorbed."""
