"""The numbers of a plan as a labelled dataset: one declared table of variables."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import xarray as xr

from ecumene.models.planning import BreakEven, Frontier, Missing, Plan, unmade
from ecumene.models.planning_duals import Bottlenecks
from ecumene.planning.accounts import Economy

_FLOW: Final = "million USD a year, base prices"
_STANDARD: Final = "ratio to base"
_BASKETS: Final = "baskets of the year per unit"
VARIABLES: Final[dict[str, tuple[tuple[str, ...], str, str]]] = {
    "living_standard": (("year",), _STANDARD, "final consumption over that of the base"),
    "mean_living_standard": ((), _STANDARD, "mean over years, weighted by discount factors"),
    "living_standard_without_missing": (
        ("year",),
        _STANDARD,
        "the same where all do without goods that no technique makes",
    ),
    "mean_living_standard_without_missing": ((), _STANDARD, "mean over years of the same"),
    "unmade": (("sector",), "true or false", "goods that no technique of the economy makes"),
    "value": (
        (),
        "discounted years of base consumption",
        "objective: living standards and capital left over",
    ),
    "output": (("year", "technique"), _FLOW, "output"),
    "new_capacity": (("year", "technique"), _FLOW, "capacity begun in the year"),
    "capacity": (("year", "technique"), _FLOW, "capacity at hand"),
    "capacity_left": (("technique",), _FLOW, "capacity after the last year, with what is begun"),
    "imports": (("year", "sector"), _FLOW, "imports"),
    "exports": (("year", "sector"), _FLOW, "exports"),
    "stock": (("year", "sector"), "million USD, base prices", "stocks at the end of the year"),
    "surplus": (("year", "sector"), _FLOW, "made and used by nobody"),
    "debt": (("year",), "million USD", "debt abroad at the end of the year"),
    "price": (("year", "sector"), _BASKETS, "shadow price of a good"),
    "wage": (("year", "skill"), _BASKETS, "shadow price of labour"),
    "shortage": (("year", "sector"), _FLOW, "what is missing for the wanted living standard"),
    "wanted_living_standard": (("year",), _STANDARD, "living standard that shortages are measured at"),
    "base_needs": (("sector",), _FLOW, "final consumption at living standard 1"),
    "base_investment": (("sector",), _FLOW, "gross fixed capital formation in the base"),
    "base_capacity": (("technique",), _FLOW, "capacity at the beginning"),
    "base_imports": (("sector",), _FLOW, "largest imports with nothing cut"),
    "base_exports": (("sector",), _FLOW, "largest exports"),
    "import_price": (("sector",), "foreign exchange per unit", "price of imports before duties"),
    "export_price": (("sector",), "foreign exchange per unit", "price of exports"),
    "status": ((), "code", "0 optimal, 1 infeasible, 2 unbounded, 3 unfinished, 4 uncertified"),
    "primal_residual": ((), "mean needs by sector", "largest violation of a constraint"),
    "dual_residual": ((), "discounted years", "largest violation of a dual constraint"),
    "gap": ((), "ratio", "relative difference between the values of the programme and of its dual"),
    "frontier_living_standard": (("import_cut",), _STANDARD, "mean living standard"),
    "frontier_last_living_standard": (("import_cut",), _STANDARD, "living standard of the last year"),
    "frontier_living_standard_without_missing": (
        ("import_cut",),
        _STANDARD,
        "mean living standard where all do without goods that none can make",
    ),
    "frontier_value": (("import_cut",), "discounted years of base consumption", "objective"),
    "frontier_status": (("import_cut",), "code", "status of each plan"),
    "frontier_residual": (("import_cut",), "mean needs by sector", "largest residual of each certificate"),
    "bottleneck_amount": (("bottleneck",), "million USD a year, or the resource's unit", "how much there is"),
    "bottleneck_price": (("bottleneck",), _BASKETS, "dual of the solver"),
    "bottleneck_left": (("bottleneck",), _BASKETS, "cost of a little less"),
    "bottleneck_right": (("bottleneck",), _BASKETS, "gain of a little more"),
    "bottleneck_worth": (("bottleneck",), "baskets", "price times amount"),
    "break_even_gain": (
        (),
        "share",
        "productivity gain at which the mean living standard is that with nothing cut",
    ),
    "break_even_standard": ((), _STANDARD, "mean living standard with nothing cut"),
    "learning_factor": (
        ("year", "technique"),
        "ratio",
        "inputs and labour per unit of output against the base",
    ),
    "learning_change": ((), "ratio", "largest change of a factor in the last round of learning"),
}
"""Axes, unit and meaning of every number of a plan."""


def numbers(
    economy: Economy,
    sectors: tuple[str, ...],
    plan: Plan,
    without: Plan,
    lacking: Missing,
    further: dict[str, Any],
    labels: dict[str, Any],
) -> xr.Dataset:
    """The dataset of a plan; `further` holds the variables of what else was asked, `labels` their axes."""
    p, certificate = economy.programme, plan.certificate
    values: dict[str, Any] = {
        "living_standard": plan.living_standard,
        "mean_living_standard": plan.mean_living_standard,
        "living_standard_without_missing": without.living_standard,
        "mean_living_standard_without_missing": without.mean_living_standard,
        "unmade": unmade(p) > 0,
        "value": plan.value,
        "output": plan.output,
        "new_capacity": plan.investment,
        "capacity": plan.capacity,
        "capacity_left": plan.capacity_left,
        "imports": plan.imports,
        "exports": plan.exports,
        "stock": plan.stock,
        "surplus": plan.surplus,
        "debt": plan.debt,
        "price": plan.price,
        "wage": plan.wage,
        "shortage": lacking.shortage,
        "wanted_living_standard": lacking.standard,
        "base_needs": p.needs,
        "base_investment": economy.uses.investment,
        "base_capacity": p.capacity,
        "base_imports": p.imports,
        "base_exports": p.exports,
        "import_price": p.import_price,
        "export_price": p.export_price,
        "status": int(plan.status),
        "primal_residual": certificate.primal_residual,
        "dual_residual": certificate.dual_residual,
        "gap": certificate.gap,
        **further,
    }
    coords = {
        "year": np.arange(1, p.years + 1),
        "sector": list(sectors),
        "technique": list(economy.techniques.label),
        "skill": list(economy.skills),
        **labels,
    }
    arrays = {
        name: xr.DataArray(
            np.asarray(value),
            dims=VARIABLES[name][0],
            attrs={"units": VARIABLES[name][1], "long_name": VARIABLES[name][2]},
        )
        for name, value in values.items()
    }
    return xr.Dataset(arrays, coords=coords, attrs={"economy": economy.code})


def of_frontier(found: Frontier, without: Frontier) -> tuple[dict[str, Any], dict[str, Any]]:
    """Variables and axes of a frontier."""
    return {
        "frontier_living_standard": found.mean_living_standard,
        "frontier_last_living_standard": found.last_living_standard,
        "frontier_living_standard_without_missing": without.mean_living_standard,
        "frontier_value": found.value,
        "frontier_status": found.status,
        "frontier_residual": found.residual,
    }, {"import_cut": found.cut}


def of_bottlenecks(
    found: Bottlenecks, economy: Economy, sectors: tuple[str, ...], resources: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Variables and axes of bottlenecks, each labelled by kind, item and year."""
    names = {
        "capacity": economy.techniques.label,
        "labour": economy.skills,
        "imports": sectors,
        "exports": sectors,
        "exchange": ("foreign exchange",),
        "resources": resources,
    }
    labels = [
        f"{kind}: {names[kind][item]}, year {year + 1}"
        for kind, item, year in zip(found.kind, found.item, found.year, strict=True)
    ]
    return {
        "bottleneck_amount": found.amount,
        "bottleneck_price": found.price,
        "bottleneck_left": found.left,
        "bottleneck_right": found.right,
        "bottleneck_worth": found.worth,
    }, {"bottleneck": np.array(labels, dtype=np.str_)}


def of_break_even(found: BreakEven) -> dict[str, Any]:
    """The variables of breaking even."""
    return {"break_even_gain": found.gain, "break_even_standard": found.target}
