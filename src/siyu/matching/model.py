"""Splink over DuckDB: take records in, learn what agreement weighs, score the pairs that share something."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from siyu.matching import blocks, normal
from siyu.matching.comparisons import PRESENT, comparison
from siyu.matching.shapes import FIELDS, FieldName

Tell = Callable[[str, float], None]

ENOUGH_TO_LEARN = 500
"""Records below which the weights Siyu comes with are used as they are."""

_LEAST_SHARE = 0.02
"""A field that fewer records have is not compared."""

_SAMPLED_PAIRS = 200_000
_TEXTS = ("address", "address_2", "district", "city")
_LEARN_FROM: tuple[tuple[FieldName, ...], ...] = (
    ("birthday",),
    ("given_name", "surname"),
    ("postcode", "street_number"),
    ("address", "city"),
)
"""Pairs that agree on one of these are mostly one person: from them is learnt how the other fields then behave."""

_SURELY_ONE = (("id_number",), ("given_name", "surname", "birthday"), ("birthday", "postcode", "street_number"))
_RECALL_OF_SURE = 0.7

_PLAIN = ("surname", "given_name", "mobile", "mobile_head", "mobile_tail", "birthday", "gender", "id_number",
          "postcode", "street_number", "address", "address_2", "district", "city", "region")  # fmt: skip

SCHEMA = pa.schema(
    [("unique_id", pa.int64())]
    + [(name, pa.string()) for name in _PLAIN]
    + [(f"{name}_grams", pa.list_(pa.string())) for name in _TEXTS]
    + [(f"block_{place}", pa.int64()) for place in range(blocks.COUNT)]
)


def comparable(raw: dict[str, Any]) -> dict[str, Any]:
    """A record as it is compared, from the text columns it came with."""
    surname, given = normal.split_name(raw["name"])
    whole, head, tail = normal.mobile_parts(raw["mobile"])
    one: dict[str, Any] = {
        "surname": normal.name_part(raw["surname"]) or surname,
        "given_name": normal.name_part(raw["given_name"]) or given,
        "mobile": whole,
        "mobile_head": head,
        "mobile_tail": tail,
        "birthday": normal.birthday(raw["birthday"]),
        "gender": normal.gender(raw["gender"]),
        "region": normal.place(raw["region"]),
    }
    one |= {name: normal.number(raw[name]) for name in ("id_number", "postcode", "street_number")}
    one |= {name: normal.place(raw[name]) for name in _TEXTS}
    keys = blocks.keys(one)
    one |= {f"{name}_grams": normal.grams(one[name]) for name in _TEXTS}
    one |= {f"block_{place}": key for place, key in enumerate(keys)}
    return one | {"unique_id": raw["person"]}


class Model:
    """One run of matching in ``folder``. Memory stays below ``memory_mb``; what is more goes to disk there."""

    def __init__(self, folder: Path, fields: list[FieldName] | None, memory_mb: int, tell: Tell) -> None:
        import duckdb

        logging.getLogger("splink").setLevel(logging.ERROR)
        self._con = duckdb.connect(str(folder / "work.duckdb"))
        self._con.execute(f"SET memory_limit = '{int(memory_mb)}MB'")
        self._con.execute(f"SET temp_directory = '{folder / 'spill'}'")
        self._con.execute("SET enable_progress_bar = false")
        self._wanted = fields or list(FIELDS)
        self._tell = tell
        self.learned = False

    def take(self, batches: Iterator[pa.RecordBatch], total: int) -> int:
        """Read all records in; answers how many there were."""
        self._con.register("batch", SCHEMA.empty_table())
        self._con.execute("CREATE TABLE people AS SELECT * FROM batch")
        done = 0
        for batch in batches:
            made = pa.Table.from_pylist([comparable(row) for row in batch.to_pylist()], schema=SCHEMA)
            self._con.register("batch", made)
            self._con.execute("INSERT INTO people SELECT * FROM batch")
            self._con.unregister("batch")
            done += len(made)
            self._tell("reading", done / max(total, 1))
        return done

    def drop_common_blocks(self, most_pairs: int) -> None:
        """Forget combinations that too many records share; without a bound pairs grow with the square."""
        names = [f"block_{place}" for place in range(blocks.COUNT)]
        sized = " UNION ALL ".join(
            f"SELECT count(*) AS size FROM people WHERE {name} IS NOT NULL GROUP BY {name}"  # noqa: S608
            for name in names
        )
        rows = self._con.execute(f"SELECT size, count(*) FROM ({sized}) WHERE size > 1 GROUP BY 1").fetchall()  # noqa: S608
        limit = blocks.largest_block(dict(rows), most_pairs)
        for name in names:
            common = f"SELECT {name} FROM people WHERE {name} IS NOT NULL GROUP BY 1 HAVING count(*) > {limit}"  # noqa: S608
            self._con.execute(f"UPDATE people SET {name} = NULL WHERE {name} IN ({common})")  # noqa: S608

    def compared(self) -> list[FieldName]:
        """The wanted fields that enough records have."""
        counts = ", ".join(f"count({PRESENT.get(name, name)})" for name in FIELDS)
        total, *held = self._con.execute(f"SELECT count(*), {counts} FROM people").fetchone() or [0]  # noqa: S608
        shares = {name: many / max(total, 1) for name, many in zip(FIELDS, held, strict=True)}
        return [name for name in FIELDS if name in self._wanted and shares[name] >= _LEAST_SHARE and shares[name] > 0]

    def score(self, fields: list[FieldName], records: int, threshold: float, most: int) -> pa.Table:
        """Pairs at or above ``threshold``, the best first, at most ``most``, with levels and weights by field."""
        learning = records >= ENOUGH_TO_LEARN
        linker = self._linker(fields, records, learning, 0.2 / max(records, 1))
        if learning:
            self._learn(linker, fields)
            if not self._sensible(linker):
                linker = self._linker(fields, records, True, 0.2 / max(records, 1))
                self.learned = False
        self._tell("comparing", 0.0)
        found = linker.inference.predict(threshold_match_probability=threshold)
        columns = ", ".join(f"gamma_{name}, {self._weight(name, learning)} AS weight_{name}" for name in fields)
        return self._con.execute(
            f"SELECT unique_id_l AS a, unique_id_r AS b, match_weight, match_probability, {columns}"  # noqa: S608
            f" FROM {found.physical_name} ORDER BY match_weight DESC, a, b LIMIT {int(most)}"
        ).to_arrow_table()

    def _weight(self, name: FieldName, rare: bool) -> str:
        """The field's share of the match weight, as SQL: log2 of its Bayes factor."""
        from siyu.matching.comparisons import STEPS

        adjusted = rare and any(step.rare for step in STEPS[name])
        return f"mw_{name} + mw_tf_adj_{name}" if adjusted else f"mw_{name}"

    def _linker(self, fields: list[FieldName], records: int, rare: bool, prior: float) -> Any:
        from splink import DuckDBAPI, Linker, SettingsCreator, block_on

        settings = SettingsCreator(
            link_type="dedupe_only",
            comparisons=[comparison(name, rare) for name in fields],
            blocking_rules_to_generate_predictions=[block_on(f"block_{place}") for place in range(blocks.COUNT)],
            probability_two_random_records_match=min(prior, 0.05),
            retain_matching_columns=True,
            retain_intermediate_calculation_columns=True,
        )
        api = DuckDBAPI(connection=self._con)
        return Linker(api.register("people"), settings, log_level=logging.ERROR)

    def _learn(self, linker: Any, fields: list[FieldName]) -> None:
        from splink import block_on

        training = linker.training
        sure = [block_on(*names) for names in _SURELY_ONE if set(names) <= set(fields)]
        if sure:
            self._tell("learning", 0.0)
            _quietly(training.estimate_probability_two_random_records_match, sure, recall=_RECALL_OF_SURE)
        training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=1, num_chunks=1)
        rules = [names for names in _LEARN_FROM if set(names) <= set(fields) and len(fields) > len(names)]
        for done, names in enumerate(rules, start=1):
            self._tell("learning", done / (len(rules) + 1))
            learn = training.estimate_parameters_using_expectation_maximisation
            self.learned |= _quietly(learn, block_on(*names), max_pairs=1_000_000)

    def _sensible(self, linker: Any) -> bool:
        """Did learning find persons? Records of one person must agree more often than strangers do, in every field."""
        prior = linker._settings_obj._probability_two_random_records_match
        if not self.learned or not 0 < prior < 0.05:
            return False
        for one in linker._settings_obj.comparisons:
            best = next(level for level in one.comparison_levels if not level.is_null_level)
            if not best.m_probability > 2 * best.u_probability and best.u_probability < 0.3:
                return False
        return True


def _quietly(step: Callable[..., Any], *args: Any, **options: Any) -> bool:
    """Learning from pairs that don't exist is no fault of the run: what was known before holds."""
    from splink.internals.exceptions import SplinkException

    try:
        step(*args, **options)
    except (SplinkException, ValueError, ZeroDivisionError):
        return False
    return True
