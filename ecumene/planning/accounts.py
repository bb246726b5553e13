"""From a world to the programme of one of its economies: technology, capital, labour, trade, stocks; and what is
assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from ecumene import factors, sectors
from ecumene.errors import InputError
from ecumene.models.planning_inputs import Programme
from ecumene.planning.uses import FinalUses, final_uses
from ecumene.plans import Settings
from ecumene.security import parameters
from ecumene.types import FloatArray
from ecumene.world import World

SPOIL: Final = {"agriculture": 0.2, "food": 0.3}
"""Share of a year's stocks that is lost, by broad kind (assumption)."""

SPOIL_GOODS: Final = 0.05
"""The same for all other goods (assumption)."""


class Trade(NamedTuple):
    """What an economy may buy and sell abroad [sector]; money is million USD a year at base prices."""

    imports: FloatArray  # at prices that buyers pay, duties included
    import_price: FloatArray  # foreign exchange per unit
    exports: FloatArray
    export_price: FloatArray
    notes: tuple[str, ...] = ()


class Technique(NamedTuple):
    """Columns of techniques: the good of each and what a unit of output or of capacity takes."""

    label: tuple[str, ...]
    makes: np.ndarray
    inputs: FloatArray  # [S, J]
    labour: FloatArray  # [H, J]
    capital: FloatArray  # [J] base investment goods per unit of capacity
    capacity: FloatArray  # [J]


@dataclass(frozen=True)
class Economy:
    """One economy of a world, as a plan reads it."""

    code: str
    techniques: Technique
    skills: tuple[str, ...]
    uses: FinalUses
    trade: Trade
    programme: Programme
    least: FloatArray  # living standard [year] that the plan does not fall below of itself
    notes: tuple[str, ...]


def base_trade(world: World, n: int) -> Trade:
    """Imports, exports and prices of the base: an import costs its value before duties, which stay at home."""
    flow, rate = world.trade.values, world.tariff.values
    abroad = np.arange(len(world.economies)) != n
    net = flow[abroad, n].sum(axis=0)
    paid = (flow[abroad, n] * (1.0 + rate[abroad, n])).sum(axis=0)
    price = np.divide(net, paid, out=np.ones_like(net), where=paid > 0)
    return Trade(paid, price, flow[n, abroad].sum(axis=0), np.ones_like(net))


def economy_of(world: World, n: int, settings: Settings, trade: Trade | None = None) -> Economy:
    """The programme of the economy at place n, with the trade of an order or of the base.

    Errors: InputError where final uses cannot be told apart, a technique or a sector is unknown, or nothing is made.
    """
    S = len(world.sectors)
    uses = final_uses(world, n, settings)
    labour, skills, labour_note = _labour(world)
    own = _technique(world, labour, n, world.economies[n], settings)
    donors = settings.techniques or (("world",) if settings.horizon == "long" else ())
    columns = _joined([own, *(_copied(world, labour, donor, settings) for donor in donors)])
    bought = base_trade(world, n) if trade is None else trade
    goods = uses.investment.sum()
    mix = uses.investment / goods if goods > 0 else np.zeros(S)
    T = settings.length
    growth = (1.0 + settings.labour_growth) ** np.arange(T)
    supply = (labour[n] * world.output.values[n][None]).sum(axis=1)
    stock, spoil, stock_note = _stocks(world, n, settings)
    deficit = float(world.deficit.values[n])
    debt = settings.credit * float((bought.import_price * bought.imports).sum())
    use, limit = _resources(world, settings, columns)
    programme = Programme(
        makes=columns.makes,
        inputs=columns.inputs,
        investment=np.outer(mix, columns.capital),
        labour=columns.labour,
        labour_supply=np.outer(growth, supply),
        resources=use,
        resource_limit=limit,
        needs=uses.consumption,
        capacity=columns.capacity,
        depreciation=np.full(len(columns.makes), settings.depreciation),
        stock=stock,
        spoil=spoil,
        imports=bought.imports,
        import_price=bought.import_price,
        exports=bought.exports,
        export_price=bought.export_price,
        cut=np.broadcast_to(settings.import_cut, T),
        required=np.broadcast_to(0.0 if settings.required is None else settings.required, T),
        transfer=max(deficit, 0.0),
        credit=debt,
        interest=settings.interest,
        discount=1.0 / (1.0 + settings.discount),
        terminal_weight=settings.terminal_weight,
        lag=settings.lag,
        grows=settings.horizon != "short",
    )
    balance = (
        f"The base deficit of {deficit:,.0f} million USD a year goes on without being repaid (assumption)."
        if deficit > 0
        else f"The base surplus of {-deficit:,.0f} million USD a year is the plan's to spend, which by itself "
        "raises the living standard."
    )
    notes = (
        *uses.notes,
        labour_note,
        "Investment by sector is in proportion to capital income where its share is known, else to value "
        "added, and every "
        f"sector invests in the same goods; base investment holds base capacity, which is base output, at "
        f"{settings.depreciation:.0%} depreciation a year (assumptions).",
        balance,
        *stock_note,
        *_donor_notes(donors),
        *bought.notes,
    )
    least = _least(settings, trade is None, T)
    return Economy(world.economies[n], columns, skills, uses, bought, programme, least, notes)


def _least(settings: Settings, base_trade: bool, years: int) -> FloatArray:
    """1 in the years before the first cut, where the base itself is a plan and nothing else is required; else 0."""
    uncut = np.cumsum(np.broadcast_to(settings.import_cut, years)) == 0
    holds = (
        base_trade and not settings.resources and settings.labour_growth >= 0 and settings.required is None
    )
    return np.where(uncut, 1.0, 0.0) * holds


def _labour(world: World) -> tuple[FloatArray, tuple[str, ...], str]:
    """Labour per unit of output [economy, skill, sector], by skill where the world has it, else by value added."""
    output = world.output.values
    unit = np.divide(1.0, output, out=np.zeros_like(output), where=output > 0)
    if all(name in world.layers for name in factors.LAYERS):
        skills = factors.FACTORS[:-1]  # the last is capital
        paid = np.stack([world.layers[f"value_added_{name}"].values for name in skills], axis=1)
        if np.isfinite(paid).all():
            return paid * unit[:, None, :], skills, "Labour by skill is what each earns in the base."
    note = "Labour is proxied by value added, in one skill: this world has no data on labour (assumption)."
    return (world.value_added.values.clip(min=0.0) * unit)[:, None, :], ("value_added",), note


def _capital(world: World, n: int, invested: float, depreciation: float) -> FloatArray:
    """Base investment goods per unit of capacity [sector]: investment in proportion to capital income."""
    output, added = world.output.values[n], world.value_added.values[n].clip(min=0.0)
    income = added
    if sectors.kinds(world.sectors) is not None or all(name in world.layers for name in factors.LAYERS):
        share, _ = factors.factor_share(world)
        income = added * share.values[n, :, -1]
    income = income if income.sum() > 0 else added
    replaced = depreciation * output
    return np.divide(
        invested * income / income.sum(), replaced, out=np.zeros_like(output), where=replaced > 0
    )


def _technique(world: World, labour: FloatArray, n: int, name: str, settings: Settings) -> Technique:
    """The techniques that an economy uses, one for each good it makes."""
    output = world.output.values[n]
    made = np.flatnonzero(output > 0)
    inputs = world.intermediate.values[n][:, made] / output[made]
    invested = final_uses(world, n, settings).investment.sum()
    capital = _capital(world, n, invested, settings.depreciation)[made]
    labels = tuple(f"{world.sectors[s]} ({name})" for s in made)
    return Technique(labels, made, inputs, labour[n][:, made], capital, output[made])


def _copied(world: World, labour: FloatArray, donor: str, settings: Settings) -> Technique:
    """Techniques of another economy, or the world's means weighted by output, with no capacity yet."""
    if donor.lower() == "world":
        weight = world.output.values
        total = weight.sum(axis=0)
        made = np.flatnonzero(total > 0)
        inputs = world.intermediate.values.sum(axis=0)[:, made] / total[made]
        work = (labour * weight[:, None, :]).sum(axis=0)[:, made] / total[made]
        each = [
            _capital(world, n, final_uses(world, n, settings).investment.sum(), settings.depreciation)
            for n in range(len(world.economies))
        ]
        capital = (np.array(each) * weight).sum(axis=0)[made] / total[made]
        labels = tuple(f"{world.sectors[s]} (world)" for s in made)
        return Technique(labels, made, inputs, work, capital, np.zeros(len(made)))
    if donor not in world.economies:
        raise InputError(
            f"techniques names {donor}, which this world lacks; name 'world' or economies such as "
            f"{', '.join(world.economies[:5])}"
        )
    found = _technique(world, labour, world.economies.index(donor), donor, settings)
    return found._replace(capacity=np.zeros_like(found.capacity))


def _joined(parts: list[Technique]) -> Technique:
    labels = tuple(dict.fromkeys(label for part in parts for label in part.label))
    if len(labels) != sum(len(part.label) for part in parts):
        raise InputError(
            "techniques names an economy twice, or the planned one itself; name each other one once"
        )
    return Technique(
        labels,
        np.concatenate([part.makes for part in parts]),
        np.concatenate([part.inputs for part in parts], axis=1),
        np.concatenate([part.labour for part in parts], axis=1),
        np.concatenate([part.capital for part in parts]),
        np.concatenate([part.capacity for part in parts]),
    )


def _stocks(world: World, n: int, settings: Settings) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    """Stocks at the beginning and what spoils [sector]; services cannot be stored."""
    kinds = sectors.kinds(world.sectors)
    used = world.spending.values[n]
    if kinds is None:
        stored = np.ones(len(used))
        spoil = np.full(len(used), SPOIL_GOODS)
        days = np.full(len(used), parameters.UNKNOWN)
        note = "Sectors belong to no known classification: every good can be stored (assumption)."
    else:
        goods = sectors.KINDS[: sectors.KINDS.index("utilities")]
        stored = np.array([np.mean([kind in goods for kind in each]) for each in kinds])
        lost = [np.mean([SPOIL.get(kind, SPOIL_GOODS) for kind in each]) for each in kinds]
        spoil = np.where(stored > 0, lost, 1.0)
        days = np.array([np.mean([parameters.TABLE[kind].stock_days for kind in each]) for each in kinds])
        note = "Goods can be stored, services cannot; stocks lose 5 % a year, food 30 and crops 20 % (assumption)."
    if settings.stock_days is not None:
        days = np.full(len(used), settings.stock_days)
    elif settings.horizon != "short":
        days = np.zeros(len(used))
    stock = stored * days / 365.0 * used
    held = (
        (f"Stocks of {stock.sum():,.0f} million USD are there at the beginning and may be used up.",)
        if stock.any()
        else ()
    )
    return stock, spoil, (note, *held)


def _resources(world: World, settings: Settings, columns: Technique) -> tuple[FloatArray, FloatArray]:
    """Use of resources per unit of output [resource, technique] and their limits."""
    use = np.zeros((len(settings.resources), len(world.sectors)))
    for row, resource in zip(use, settings.resources, strict=True):
        unknown = [sector for sector in resource.use if sector not in world.sectors]
        if unknown:
            raise InputError(
                f"the resource {resource.name} is used in {', '.join(unknown)}, which this world lacks; its "
                f"sectors are "
                f"{', '.join(world.sectors)}"
            )
        for sector, amount in resource.use.items():
            row[world.sectors.index(sector)] = amount
    return use[:, columns.makes], np.array([resource.limit for resource in settings.resources])


def _donor_notes(donors: tuple[str, ...]) -> tuple[str, ...]:
    if not donors:
        return ()
    return (
        f"Techniques of {', '.join(donors)} may be built from nothing, at the costs of their own economies: "
        f"that they can be "
        "copied is an assumption.",
    )
