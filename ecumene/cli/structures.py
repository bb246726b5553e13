"""The command about other structures of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from ecumene.cli.interrupts import waiting
from ecumene.cli.options import (
    CsvOption,
    EconomyOption,
    JsonOption,
    NetcdfOption,
    OutOption,
    ParquetOption,
    QuietOption,
    VerboseOption,
    WorldOption,
    load,
    split,
)

if TYPE_CHECKING:
    from ecumene.cli.tables import Table
    from ecumene.types import FloatArray
    from ecumene.uncertainty.result import Structures
    from ecumene.world import World

MOST_MOVED: Final = 6
"""Economies shown where none are named, beside those whose sign depends on the structure: the most moved."""

DEPENDING: Final = 10
"""Economies whose sign depends on the structure that are shown where none are named."""


def structures(
    order: Annotated[str, typer.Argument(metavar="ORDER", help="A preset's name or a YAML file.")],
    world: WorldOption = "reference",
    world2: Annotated[
        str | None,
        typer.Option(
            "--world2", metavar="WORLD", help="A second world, as wiod:PATH; economies are matched by code."
        ),
    ] = None,
    economy: EconomyOption = None,
    out: OutOption = None,
    csv: CsvOption = None,
    parquet: ParquetOption = None,
    netcdf: NetcdfOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """One order under other structures of the model, and on two worlds: where the sign depends on the model."""
    with waiting():
        if any((out, csv, parquet, netcdf)):
            import ecumene.resultfile  # noqa: F401 (what writing needs)
        from ecumene.cli import files, screen, tables
        from ecumene.jax_setup import CACHE
        from ecumene.orders import load_order
        from ecumene.uncertainty.structures import structures as structures_of

    targets = files.Targets(out, csv, parquet, netcdf)
    targets.check()
    chosen = load_order(order)
    loaded = load(world)
    second = None if world2 is None else load(world2)
    shown = tables.known_economies(loaded, split(economy))
    with screen.progress(quiet) as progress:
        found = structures_of(
            loaded,
            chosen,
            second=second,
            progress=progress,
            tariffs_folder=None if CACHE is None else CACHE.parent / "tariffs",
        )
    drawn = structure_tables(found, loaded, shown)
    files.deliver(found, drawn, "structures", targets, shown, as_json, quiet, verbose)


def sign_of(changes: FloatArray) -> str:
    """What the changes of an economy, one a structure and world, agree on."""
    import numpy as np

    from ecumene.uncertainty.structures import SHARED

    if not np.isfinite(changes).any():
        return "no number"
    gains, loses = bool((changes >= SHARED).any()), bool((changes <= -SHARED).any())
    if gains and loses:
        return "depends on the model"
    return "gains" if gains else "loses" if loses else "hardly moves"


def structure_tables(found: Structures, world: World, economies: list[str]) -> list[Table]:
    """A table a world: an economy a row, a structure a column, and the sign over all of both worlds."""
    import numpy as np

    from ecumene.cli.tables import Table, _signed, named

    data = found.data
    codes = economies or _shown(found)
    heads = ("economy", *(str(name).replace("_", " ") for name in data["structure"].values), "sign")

    def row(head: str, changes: FloatArray, everywhere: FloatArray) -> tuple[str, ...]:
        cells = (_signed(float(x)) if np.isfinite(x) else "none" for x in changes)
        return (head, *cells, sign_of(everywhere))

    title = found.provenance.order_title or found.provenance.order
    drawn = []
    for name in map(str, data["world"].values):
        at = data.sel(world=name)
        rows = [row("world", at["world_real_income"].values, data["world_real_income"].values)]
        rows += [
            row(
                named(world, code) if code in world.economies else code,
                at["real_income"].sel(economy=code).values,
                data["real_income"].sel(economy=code).values,
            )
            for code in codes
        ]
        drawn.append((f"Change of real income by structure, percent: {title}: {name}", tuple(rows)))
    both = data["gaining_structures"].values, data["losing_structures"].values
    open_signs = int(((both[0] > 0) & (both[1] > 0)).sum())
    last = (
        f"Point estimates at central parameters. The sign depends on the model for {open_signs} of "
        f"{data.sizes['economy']} economies"
        + (", over both worlds" if data.sizes["world"] > 1 else "")
        + ": it rises under one structure and falls under another. `--verbose` tells what each structure is.",
        *(note for note in found.provenance.notes if ": no equilibrium" in note),
    )
    numbers = frozenset(range(1, len(heads) - 1))
    return [
        Table(title, heads, rows, numbers, last if k == len(drawn) - 1 else ())
        for k, (title, rows) in enumerate(drawn)
    ]


def _shown(found: Structures) -> list[str]:
    """The most moved, and then the largest of those whose sign depends on the structure."""
    import numpy as np

    data = found.data
    codes = data["economy"].values
    size = np.nanmax(np.abs(np.nan_to_num(data["real_income"].values)), axis=(0, 1))
    first = [str(codes[k]) for k in np.argsort(-size, kind="stable")[:MOST_MOVED]]
    depends = (data["gaining_structures"].values > 0) & (data["losing_structures"].values > 0)
    more = [str(codes[k]) for k in np.argsort(-size * depends, kind="stable")[: int(depends.sum())]]
    return list(dict.fromkeys([*first, *more[:DEPENDING]]))
