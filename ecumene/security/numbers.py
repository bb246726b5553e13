"""Security of one order as labelled numbers, beside its prosperity."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from ecumene.errors import InputError
from ecumene.models import trade
from ecumene.models.shocks import Base, Settings
from ecumene.priors.draws import MOST
from ecumene.priors.shocks import ShockParameters, draw_shocks
from ecumene.provenance import versions
from ecumene.results import LEVEL, LEVELS
from ecumene.security import store
from ecumene.security.assess import (
    BAND,
    BELOW,
    Happening,
    Tick,
    cost_of,
    drawn_loss,
    drawn_years,
    expected_shortfall,
    failures_of,
    happening_of,
    tail_of,
)
from ecumene.security.flows import flows_of
from ecumene.security.parameters import settings_of
from ecumene.security.targets import IDLE
from ecumene.shocks import ACCIDENTS, Shock, load_shock
from ecumene.types import FloatArray
from ecumene.world import World

SHOCK, BAND_AXIS, SUPPLIER = "shock", "band", "supplier"

_DRAWN = (
    "Losses have a range over {count} draws of stocks, their refilling, criticality, demand, diseases, and what banks "
    "lose and do about it (seed {seed})."
)


@dataclass(frozen=True)
class Plan:
    """What security is measured with on a world: certain shocks, and how many draws of accidents, of which seed."""

    certain: tuple[Happening, ...]
    accidents: Shock | None
    draws: int
    seed: int
    settings: Settings
    notes: tuple[str, ...]
    folder: Path | None
    parameters: tuple[ShockParameters, ...] = ()
    drawn: tuple[tuple[Happening, ...], ...] = ()  # [draw][shock]

    @property
    def random(self) -> bool:
        """Whether anything is drawn, so that the seed matters."""
        parts = [
            part for happening in self.certain for part in (happening.shock.epidemic, happening.shock.banks)
        ]
        return self.draws > 0 or bool(self.parameters) or any(part is not None for part in parts)

    def steps(self, n_economies: int) -> int:
        """Steps of one order that progress counts: simulations over the band, and failures of suppliers."""
        return len(BAND) * (len(self.certain) + self.draws) + (
            (n_economies if self.draws else 0) + len(self.parameters) * (len(self.certain) + self.draws)
        )

    def labels(self, world: World) -> dict[str, list[str]]:
        """Labels of the axes that security adds."""
        found = {BAND_AXIS: list(BAND)}
        if self.certain:
            found[SHOCK] = [happening.shock.name for happening in self.certain]
        if self.parameters:
            found[LEVEL] = list(LEVELS)
        if self.draws:
            found[SUPPLIER] = list(world.economies)
        return found

    @property
    def shocks(self) -> tuple[Shock, ...]:
        """What happens: certain shocks, then accidents."""
        drawn = () if self.accidents is None else (self.accidents,)
        return (*(happening.shock for happening in self.certain), *drawn)

    @property
    def hashes(self) -> dict[str, str]:
        """What happens, by name of the shock."""
        return {shock.name: shock.hash for shock in self.shocks}


def plan_of(
    world: World,
    shocks: Sequence[Shock | str],
    draws: int,
    seed: int,
    folder: Path | None,
    shock_draws: int = 0,
) -> Plan | None:
    """The plan of a run; None where nothing is asked. `shock_draws` draws of parameters for all of them.

    Errors: InputError and ShockError as `asked_for`, MissingLayerError.
    """
    loaded, accidents = asked_for(shocks, draws, seed)
    parameters = (
        () if shock_draws == 0 and not isinstance(shock_draws, bool) else draw_shocks(shock_draws, seed)
    )
    if parameters and not loaded and accidents is None:
        raise InputError(
            "shock_draws are about shocks; name one, as in --shocks pandemic, or draw accidents, as in --security 64"
        )
    if not loaded and accidents is None:
        return None
    if accidents is not None and folder is not None and folder.exists() and not folder.is_dir():
        raise InputError(
            f"{folder} is a file, so no draws can be kept there; move it away or name another folder"
        )
    settings, notes = settings_of(world)
    certain = tuple(happening_of(shock, world, seed) for shock in loaded)
    notes = (*notes, *(note for happening in certain for note in happening.notes))
    if accidents is not None and not _ever(accidents):
        notes = (*notes, f"Shock '{accidents.name}': chance {IDLE}: every frequency is 0.")
    if parameters:
        notes = (*notes, _DRAWN.format(count=len(parameters), seed=seed))
    drawn = tuple(tuple(happening_of(shock, world, seed, each) for shock in loaded) for each in parameters)
    return Plan(certain, accidents, int(draws), seed, settings, notes, folder, parameters, drawn)


def asked_for(shocks: Sequence[Shock | str], draws: int, seed: int) -> tuple[tuple[Shock, ...], Shock | None]:
    """The certain shocks, and what `draws` are drawn from: a shock with `chance`, the catalogue's `random` without one.

    All that can be checked without a world. Errors: InputError (a repeated shock, draws or a seed below 0, two shocks
    of chance), ShockError.
    """
    whole = all(
        isinstance(value, int | np.integer) and not isinstance(value, bool) for value in (draws, seed)
    )
    if not whole:
        raise InputError(f"security is {draws!r:.30} and seed {seed!r:.30}; give whole numbers")
    if draws < 0:
        raise InputError(f"security is {draws}; give a whole number of draws, 0 for none")
    if draws > MOST:
        raise InputError(f"security is {draws:,}; at most {MOST:,} years are drawn at a time")
    if not 0 <= seed < 2**63:
        raise InputError(f"seed is {seed}; give a whole number, at least 0 and below 2^63")
    loaded = [load_shock(shock) if isinstance(shock, str) else shock for shock in shocks]
    for shock in loaded:
        if not isinstance(shock, Shock):
            raise InputError(
                f"shocks holds {type(shock).__name__} {shock!r:.40}; give shocks (load_shock) or their names"
            )
    names = [shock.name for shock in loaded]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(f"name each shock once: {', '.join(repeated)} is repeated")
    drawn = [shock for shock in loaded if shock.chance is not None]
    if len(drawn) > 1:
        raise InputError(
            f"{' and '.join(shock.name for shock in drawn)} both happen by chance; name one of them"
        )
    if drawn and not draws:
        raise InputError(f"'{drawn[0].name}' happens by chance; say how many draws, as in --security 100")
    accidents = (drawn[0] if drawn else load_shock(ACCIDENTS)) if draws else None
    if accidents is not None and not drawn and accidents.name in names:
        raise InputError(
            f"'{ACCIDENTS}' is the name of the accidents that are drawn; give your shock another name"
        )
    return tuple(shock for shock in loaded if shock.chance is None), accidents


def _ever(accidents: Shock) -> bool:
    """Whether any accident can happen."""
    rules = accidents.chance
    assert rules is not None
    each = (rules.industry, rules.economy, rules.sector)
    return any(frequency is not None and frequency.per_year > 0 for frequency in each)


def measure(
    plan: Plan, world: World, order_hash: str, theta_factor: float, eq: trade.Equilibrium, tick: Tick
) -> dict[str, xr.Variable]:
    """Numbers of one order, from its central equilibrium: losses are percent of its own base consumption.

    `real_income_after_shock` joins both: `100 ((1 + g / 100)(1 - loss / 100) - 1)`, g the change of real income.
    Errors: SolveError, InputError as of the models.
    """
    base = flows_of(eq)
    cells: dict[str, xr.Variable] = {}
    if plan.certain:
        costs = [cost_of(base, happening, plan.settings, tick) for happening in plan.certain]
        axes = (SHOCK, "economy", BAND_AXIS)
        loss = np.stack([cost.loss.T for cost in costs])
        below = np.stack([cost.days_below.T for cost in costs])
        gain = eq.real_income.values[None, :, None]
        after = 100.0 * (gain * (1.0 - loss / 100.0) - 1.0)
        cells |= {
            "shock_loss": _cells(axes, loss, "percent", "real consumption lost over the shock's horizon"),
            "shock_days_below": _cells(axes, below, "days", "days below 95 percent of base consumption"),
            "real_income_after_shock": _cells(
                axes, after, "percent", "change of real income, less the share lost in the shock"
            ),
        }
    if plan.parameters and plan.certain:
        losses = [
            [drawn_loss(base, happening, plan.settings, each, tick) for happening in happenings]
            for each, happenings in zip(plan.parameters, plan.drawn, strict=True)
        ]
        points = np.percentile(np.array(losses), (5.0, 50.0, 95.0), axis=0)  # [level, shock, economy]
        cells["shock_loss_range"] = _cells(
            (SHOCK, "economy", LEVEL), np.moveaxis(points, 0, -1), "percent",
            f"real consumption lost, over {len(plan.parameters)} draws of parameters",
        )  # fmt: skip
        cells["shock_loss_range"].attrs["of"] = "shock_loss"
    if plan.accidents is not None:
        key = _key(plan, world, order_hash, theta_factor)
        tail = tail_of(base, plan.accidents, plan.settings, plan.draws, plan.seed, key, plan.folder, tick)
        words = {
            "expected_loss": ("percent", "mean loss of real consumption in a year of accidents"),
            "expected_loss_error": ("percent", "standard error of the expected loss"),
            "expected_shortfall": ("percent", "mean loss in the worst 5 percent of years"),
            "expected_shortfall_error": ("percent", "standard error of the expected shortfall"),
            "expected_days_below": ("days", "mean days a year below 95 percent of base consumption"),
        }
        cells |= {name: _cells(("economy", BAND_AXIS), getattr(tail, name).T, *words[name]) for name in words}
        if plan.parameters:
            cells |= _accidents_drawn(base, plan, key, tick)
        failures = failures_of(base, plan.settings, tick)
        cells |= {
            "supplier_loss": _cells(
                ("economy", SUPPLIER), failures, "percent", "loss where a supplier stands still for a month"
            ),
        }
    return cells


def _accidents_drawn(base: Base, plan: Plan, key: str, tick: Tick) -> dict[str, xr.Variable]:
    """Ranges of the mean and the tail over draws of parameters, the same years of accidents under each."""
    assert plan.accidents is not None
    years = [
        drawn_years(
            base, plan.accidents, plan.settings, each, plan.draws, plan.seed, f"{key}-{_hashed(each)}", plan.folder,
            tick,
        )
        for each in plan.parameters
    ]  # fmt: skip
    loss = np.stack([done.loss for done in years])  # [parameters, year, economy]
    found = {
        "expected_loss": (loss.mean(axis=1), "mean loss of real consumption in a year of accidents"),
        "expected_shortfall": (expected_shortfall(loss)[0], "mean loss in the worst 5 percent of years"),
    }
    cells = {}
    for name, (values, meaning) in found.items():
        points = np.percentile(values, (5.0, 50.0, 95.0), axis=0).T
        about = f"{meaning}, over {len(years)} draws of parameters"
        cells[f"{name}_range"] = _cells(("economy", LEVEL), points, "percent", about)
        cells[f"{name}_range"].attrs["of"] = name
    return cells


def _hashed(drawn: ShockParameters) -> str:
    return hashlib.sha256(json.dumps(list(drawn)).encode()).hexdigest()[:16]


def _cells(dims: tuple[str, ...], values: FloatArray, units: str, meaning: str) -> xr.Variable:
    return xr.Variable(
        dims, np.asarray(values, dtype=np.float64), attrs={"units": units, "long_name": meaning}
    )


def _key(plan: Plan, world: World, order_hash: str, theta_factor: float) -> str:
    """What decides the losses of an order: data, order, elasticities, accidents, seed, settings, band and versions."""
    assert plan.accidents is not None
    settings = [
        part if part is None or isinstance(part, str) else np.asarray(part, dtype=np.float64).tolist()
        for part in plan.settings
    ]
    assumed = [{name: list(end) for name, end in BAND.items()}, BELOW, store.FORMAT]
    parts = [
        world.hash,
        order_hash,
        theta_factor,
        plan.accidents.hash,
        plan.seed,
        settings,
        assumed,
        versions(),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
