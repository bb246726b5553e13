"""What a sweep leaves: a folder of parts, read as one table."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, final

import pandas as pd
import pyarrow.dataset as pa_dataset
import pyarrow.parquet as pa_parquet

from ecumene.errors import InputError
from ecumene.files import given_path
from ecumene.results import WORLD
from ecumene.sweeps import parts, store

OVERVIEW: Final = "real_income"

INSTALL: Final = "pip install 'ecumene[sweep]'"


@final
class SweepResult:
    """A sweep in its folder. One row for every case and economy, and one for the `WORLD`; missing numbers are null."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = store.read_manifest(folder)

    @property
    def done(self) -> int:
        """Cases that are recorded, failed ones among them."""
        return int(self.manifest["done"])

    @property
    def failed(self) -> int:
        """Cases that are recorded with a status that is not ok."""
        return int(self.manifest["failed"])

    @property
    def complete(self) -> bool:
        """Whether every case is recorded."""
        return bool(self.manifest["complete"])

    @property
    def files(self) -> list[str]:
        """The Parquet parts that the manifest lists, in the order of cases."""
        listed = store.recorded(self.manifest)
        return [str(parts.path_of(self.folder, batch)) for batch in sorted(listed)]

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [] if not self.files else pa_parquet.read_schema(self.files[0]).names

    def frame(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """All rows, or some columns of them, in memory. Errors: InputError for a column that is not there."""
        unknown = sorted(set(columns or ()) - set(self.columns))
        if unknown and not self.files:
            raise InputError(f"the sweep in {self.folder} has no case yet; run it first")
        if unknown:
            raise InputError(f"a sweep has no column '{unknown[0]}'; it has {', '.join(self.columns)}")
        if not self.files:
            return pd.DataFrame()
        chosen = None if columns is None else list(columns)
        return pa_dataset.dataset(self.files, format="parquet").to_table(columns=chosen).to_pandas()

    def query(self, sql: str) -> pd.DataFrame:
        """What a query in SQL says of the table `sweep`; as DuckDB reads its parts.

        Errors: InputError where DuckDB is not installed, or refuses the query.
        """
        try:
            import duckdb
        except ImportError as error:
            raise InputError(f"queries need DuckDB; {INSTALL}, or use frame()") from error
        if not self.files:
            raise InputError(f"the sweep in {self.folder} has no case yet; run it first")
        with duckdb.connect() as database:
            try:
                database.read_parquet(self.files).create_view("sweep")
                return database.sql(sql).df()
            except duckdb.Error as error:
                raise InputError(f"DuckDB refuses the query: {' '.join(str(error).split())}") from error

    def failures(self) -> pd.DataFrame:
        """Status and message of every case that failed, one row each."""
        if not self.files:
            return pd.DataFrame()
        known = self.columns[: self.columns.index("residual")]
        table = pa_dataset.dataset(self.files, format="parquet").to_table(
            columns=known,
            filter=(pa_dataset.field("status") != "ok") & (pa_dataset.field("economy") == WORLD),
        )
        return table.to_pandas()

    def overview(self) -> pd.DataFrame:
        """By world, order and shock: cases, how many failed, and 5 %, median and 95 % of the world's real income.

        Percent; missing where the sweep does not measure `real_income`. Cases that failed are not in the quantiles.
        """
        heads = ["world", "order", "shock"]
        if not self.files:
            return pd.DataFrame(columns=[*heads, "cases", "failed", "low", "median", "high"])
        measured = OVERVIEW in self.columns
        rows = pa_dataset.dataset(self.files, format="parquet").to_table(
            columns=[*heads, "status", *([OVERVIEW] if measured else [])],
            filter=pa_dataset.field("economy") == WORLD,
        )
        frame = rows.to_pandas()
        frame[OVERVIEW] = frame[OVERVIEW].astype(float) if measured else float("nan")
        by = frame.groupby(heads, sort=False)
        found = by.agg(
            cases=("status", "size"), failed=("status", lambda status: int((status != "ok").sum()))
        )
        for name, share in (("low", 0.05), ("median", 0.5), ("high", 0.95)):
            found[name] = by[OVERVIEW].quantile(share)
        return found.reset_index()

    def __repr__(self) -> str:
        whole = "" if self.complete else ", not complete"
        return (
            f"<SweepResult '{self.manifest['name']}' in {self.folder}: {self.done:,} of {self.manifest['cases']:,} "
            f"cases, {self.failed:,} failed{whole}>"
        )


def load_sweep(folder: str | os.PathLike[str]) -> SweepResult:
    """The sweep that lies in a folder. Errors: InputError where there is none."""
    return SweepResult(given_path(folder))
