"""Tables of choices: what each bloc gives each economy, and which orders are stable."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ecumene.cli.tables import Table, named
from ecumene.results import UNCHANGED

if TYPE_CHECKING:
    import xarray as xr

    from ecumene.alignment.outcome import Outlook, States
    from ecumene.world import World

ORDERS_SHOWN = 5
"""Stable orders that a table shows."""

UNIONS_SHOWN = 10
"""Unions of poles that a table shows, those of the largest least payoff first."""

WIDE = 80
"""Characters of the widest title that names every economy."""

LONGEST = 23
"""Characters of the longest name in a row of a table of nations; above it stands the code."""

NO_ADVICE = "Choices of a model under these weights: no forecast and no advice."


def _signed(number: float) -> str:
    return f"{number:+.2f}" if abs(number) >= UNCHANGED else "0.00"


def _ranged(middle: float, low: float, high: float) -> str:
    if low == high:  # chosen weights, or the choice that is best
        return f"{middle:.2f}"
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def alignment_tables(result: Outlook, world: World) -> list[Table]:
    """A table for each economy that chooses, then stable orders; what holds for all is said once, under the last."""
    tables = [_choices(result, world, str(code)) for code in result.data["economy"].values]
    tables[0] = replace(tables[0], footnotes=(_reading(result), *tables[0].footnotes))
    if "stable_order" in result.data.dims:
        tables.append(_orders(result))
    if "union" in result.data.dims:
        tables.append(_unions(result))
    tables[-1] = replace(
        tables[-1], footnotes=(*tables[-1].footnotes, _today(result), NO_ADVICE, result.verdict)
    )
    return tables


def _reading(result: Outlook) -> str:
    """How to read the tables of choices, said under the first."""
    drawn, runs = _drawn(result), "share_of_runs" in result.data
    ranged = ", with its range over drawn weights" if drawn else ""
    of_draws = " % of draws: drawn weights under which the choice is the largest." if drawn else ""
    of_runs = " % of runs: searches for stable orders in which the economy ends there." if runs else ""
    return (
        "Real income in log points x 100 against the base. Trade, heterogeneity, security and cost: the terms times "
        "their weights, which sum to the payoff. Alone: in no bloc. Margin: by how much the payoff of a choice would "
        f"have to rise to be the largest{ranged}; in real income, what would make up for it.{of_draws}{of_runs}"
    )


def _today(result: Outlook) -> str:
    """Which certificates today's order has, the weakest notion first that it meets."""
    holds = [bool(result.data[f"today_{name}"]) for name in ("nash", "individual", "contractual")]
    told = (
        "no economy that chooses gains by moving alone (Nash stability)",
        "some economy gains by moving alone, but each such move costs somebody whom it joins (individual stability)",
        "some economy gains by a move that costs nobody whom it joins, but each such costs somebody whom it leaves "
        "(contractual stability)",
        "some economy gains by a move that costs nobody whom it joins or leaves (no stability)",
    )
    return f"In today's order {told[holds.index(True) if any(holds) else 3]}."


def _drawn(result: Outlook) -> bool:
    """Whether weights were drawn; chosen ones are not."""
    return bool((result.data["margin_low"] < result.data["margin_high"]).any())


def _choices(result: Outlook, world: World, code: str) -> Table:
    data = result.data.sel(economy=code)
    best = str(data["choice"].values[int(data["payoff"].values.argmax())])
    today = str(data["choice"].values[int(data["today"].values.argmax())])
    runs = "share_of_runs" in data
    income = "margin_in_income" in data
    drawn = _drawn(result)
    rows = []
    for choice in data["choice"].values:
        at = data.sel(choice=choice)
        cells = [f"{choice}{' (today)' if choice == today else ''}"]
        cells += [
            _signed(float(at[name])) for name in ("real_income", "payoff_trade", "payoff_heterogeneity")
        ]
        cells += [_signed(float(at[name])) for name in ("payoff_security", "payoff_cost", "payoff")]
        cells.append(_ranged(*(float(at[name]) for name in ("margin", "margin_low", "margin_high"))))
        cells += [f"{float(at['margin_in_income']):.2f}"] if income else []
        cells += [f"{100 * float(at['share_of_draws']):.0f}"] if drawn else []
        cells += [f"{100 * float(at['share_of_runs']):.0f}"] if runs else []
        rows.append(tuple(cells))
    heads = [
        "choice",
        "real income",
        "trade",
        "heterogeneity",
        "security",
        "cost",
        "payoff",
        "margin (5 to 95 %)" if drawn else "margin",
    ]
    heads += ["margin, % income"] if income else []
    heads += [*(["% of draws"] if drawn else []), *(["% of runs"] if runs else [])]
    return Table(
        title=f"{named(world, code)}: payoffs by term while all others stay; largest: {best}",
        heads=tuple(heads),
        rows=tuple(rows),
        numbers=frozenset(range(1, len(heads))),
        footnotes=(_over_elasticities(data),),
    )


def _over_elasticities(data: xr.Dataset) -> str:
    """One sentence: real income of every choice at both ends of the range of elasticities, and what is best there."""
    names = [str(choice) for choice in data["choice"].values]
    ranges = [
        f"{name} {_signed(low)} to {_signed(high)}"
        for name, low, high in zip(
            names, data["real_income_low_theta"].values, data["real_income_high_theta"].values, strict=True
        )
    ]
    low, high = (names[int(data[f"best_{end}_theta"])] for end in ("low", "high"))
    best = f"{low} at both" if low == high else f"{low} and {high}"
    return f"Real income at 0.6 and at 1.6 times the trade elasticities: {', '.join(ranges)}; largest payoff: {best}."


def _gap(gap: float, bound: float) -> str:
    """The core gap, with its bound where it is open."""
    if np.isnan(gap):
        return "not sought"
    return f"{gap:+.3f}" if bound - gap < 5e-4 else f"{gap:+.3f}, at most {bound:+.3f}"


def _orders(result: Outlook) -> Table:
    data = result.data
    names = [str(choice) for choice in data["choice"].values]
    rows = []
    for number in data["stable_order"].values[:ORDERS_SHOWN]:
        at = data.sel(stable_order=number)
        chosen = at["stable_choice"].values.astype(int)
        blocs = [
            f"{name}: {', '.join(str(code) for code in data['economy'].values[chosen == k])}"
            for k, name in enumerate(names)
            if (chosen == k).any()
        ]
        gap = float(at["core_gap"])
        blocked = str(at["blocking_coalition"].item())
        rows.append(
            (
                str(number),
                f"{float(at['stable_runs']):.0f}",
                _gap(gap, float(at["core_gap_bound"])),
                blocked or ("none found" if not np.isnan(gap) else ""),
                "; ".join(blocs),
            )
        )
    swing = [
        str(code)
        for code, shares in zip(data["economy"].values, data["share_of_runs"].values, strict=True)
        if shares.max() < 0.999
    ]
    cut = float(data["runs"] - data["cycles"] - data["stable_runs"].sum())
    unsettled = f", {cut:.0f} at the limit of rounds" if cut else ""
    return Table(
        title=(
            f"Stable orders of {float(data['runs']):.0f} searches; {float(data['cycles']):.0f} ended in a cycle"
            f"{unsettled}"
        ),
        heads=("order", "runs", "core gap", "blocking coalition", "choices"),
        rows=tuple(rows),
        numbers=frozenset({1, 2}),
        footnotes=(
            f"Swing states, which end in different blocs: {', '.join(swing) or 'none'}.",
            "In a stable order no economy that chooses gains by moving alone (every one, every bloc, exact "
            "equilibria); poles do not move. Core gap: the largest least gain found of a coalition, poles too, that "
            "leaves together, in payoff; below 0 none was found that blocks; 'at most' where a coalition "
            "that was not solved may gain more.",
        ),
    )


def _unions(result: Outlook) -> Table:
    """Unions of poles that last, and the best of the others for each."""
    data = result.data
    lasting = data["union_lasts"].values > 0
    order = np.argsort(-data["union_payoff"].values.min(axis=1), kind="stable")
    shown = [k for k in order if lasting[k]][:UNIONS_SHOWN]
    rows = tuple(
        (str(data["union"].values[k]), *(_signed(float(each)) for each in data["union_payoff"].values[k]))
        for k in shown
    )
    return Table(
        title=f"Unions of poles that last if each looks ahead: {int(lasting.sum())} of {len(lasting)}",
        heads=("union", *map(str, data["pole"].values)),
        rows=rows,
        numbers=frozenset(range(1, 1 + data.sizes["pole"])),
        footnotes=(
            "Payoff less that with all poles apart. A union lasts if every departure could end where somebody who "
            "departs does not gain (largest consistent set, Chwe 1994); this excludes little and picks no winner.",
        ),
    )


def nations_table(found: States, world: World) -> Table:
    """Terms of one state less those of its parts by themselves, by the cost of borders; fits 80 characters."""
    data = found.data
    codes = [str(code) for code in data["economy"].values]
    who = [named(world, code) if code in world.economies else code for code in codes]
    short = [name if len(name) <= LONGEST else code for name, code in zip(who, codes, strict=True)]
    rows = tuple(
        (
            name,
            f"{float(border):+.0f} %" if border else "today",
            *(_fine(value) for value in _terms(data, border, code)),
        )
        for name, code in zip(short, codes, strict=True)
        for border in data["border"].values
    )
    title = f"One state of {' and '.join(who)}, less each by itself"
    return Table(
        title=title if len(title) <= WIDE else f"One state of {len(who)} economies, less each by itself",
        heads=("economy", "borders", "income", "distance", "security", "cost", "inside"),
        rows=rows,
        numbers=frozenset(range(1, 7)),
        footnotes=(
            f"{world.source}. Borders: the change of what trade across every border costs. Income: real income in log "
            "points x 100. Distance: heterogeneity, the political distance to other members by size, as a loss. "
            "Security: a share, 0 where no rivals are named (--rivals), none where the world lacks military spending "
            "or distances. Cost: the shared cost of a state, in percent of GDP, as a loss. "
            "Inside: sovereignty, the share of the value of its output that is added inside its "
            "state, in percentage points. Above 0 one state is better for the economy, in each.",
            "Terms are not weighted; point estimates at central elasticities. What a model says: no forecast and no "
            "advice.",
        ),
    )


def _fine(number: float) -> str:
    """Three decimals with a sign, which a number that rounds to zero does not have; unknown ones in words."""
    return "none" if np.isnan(number) else f"{number:+.3f}" if abs(number) >= 5e-4 else "0.000"


def _terms(found: xr.Dataset, border: float, code: str) -> list[float]:
    at = found.sel(border=border, economy=code)
    return [float(at[term]) for term in ("trade", "heterogeneity", "security", "cost", "sovereignty")]


def estimate_table(found: Any, verdict: str) -> Table:
    """Estimated weights with standard errors, by both estimators."""
    rows = tuple(
        (
            name,
            *(
                cell
                for fit in (found.memberships, found.blocs)
                for cell in (f"{fit.weights[k]:.4g}", f"{fit.standard_errors[k]:.2g}")
            ),
        )
        for k, name in enumerate(found.memberships.names)
    )
    separated = sorted({*found.memberships.separated, *found.blocs.separated})
    told = (f"Separated, so without numbers: {', '.join(separated)}.",) if separated else ()
    return Table(
        title=f"Weights from {found.count} memberships of {found.dates[2]}: {found.source}",
        heads=("term", "all unions", "s.e.", "customs unions", "s.e."),
        rows=rows,
        numbers=frozenset({1, 2, 3, 4}),
        footnotes=(*told, verdict),
    )
