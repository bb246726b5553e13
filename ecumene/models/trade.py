"""The trade equilibrium: what a change of trade costs, tariffs or elasticities does to every economy.

Static general equilibrium in exact changes after Caliendo and Parro (2015), Costinot and Rodriguez-Clare (2014) and
Baqaee and Farhi (2024); the equations stand in `equations`, the method in `solve` and `response`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from ecumene.errors import InputError, SolveError
from ecumene.models import inputs
from ecumene.models.bases import ONE_FACTOR, Prepared, Technology, form_of, prepared, scalars
from ecumene.models.core import rebased, solve_case, start
from ecumene.models.decomposition import decompose
from ecumene.models.equations import Form
from ecumene.models.equilibrium import FIELDS, Equilibrium
from ecumene.models.gradient import ADJOINT_OPTIONS, Variable, adjoint
from ecumene.models.groups import TRANSFERS_ENDED, Groups, can_pay, trading_groups, transfers_within
from ecumene.models.response import respond
from ecumene.models.shares import Policy
from ecumene.models.solve import Options, Status
from ecumene.processors import threads
from ecumene.types import LINK, BoolArray, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World

CLOSURES = ("zero", "fixed", "proportional")

RENTS = ("waste", "importer", "exporter")
"""Who keeps what a raised barrier costs: nobody, the buyer's economy, or the seller's."""

__all__ = [
    "CLOSURES",
    "FIELDS",
    "RENTS",
    "Equilibrium",
    "Options",
    "Status",
    "decompose",
    "gradient",
    "solve",
    "solve_many",
]


@dataclass(frozen=True)
class Case:
    """A checked case: arrays on the world's axes, its base, its policy and form."""

    iceberg: FloatArray
    tariff: FloatArray
    theta: FloatArray
    closure: str
    technology: Technology
    base: Prepared
    policy: Policy
    form: Form
    groups: Groups
    open_links: BoolArray  # [origin, destination]
    rents: str
    notes: tuple[str, ...]


def _entrance(world: World, options: Options) -> None:
    """A world is a world and options are options. Errors: InputError."""
    if not (hasattr(world, "economies") and hasattr(world, "trade")):
        raise InputError(f"world is {world!r:.60}; give a World, as ecumene.load_world(...) returns one")
    if not isinstance(options, Options):
        raise InputError(f"options is {options!r:.60}; give trade.Options(...), or leave it out")


def _given(
    world: World,
    iceberg: ArrayLike | xr.DataArray | None,
    tariff: ArrayLike | xr.DataArray | None,
    theta: ArrayLike | xr.DataArray | None,
    deficits: str | None,
    rents: str,
) -> tuple[FloatArray, FloatArray, FloatArray, str]:
    """Iceberg factors, tariffs, elasticities and the closure, checked. Errors: InputError."""
    closure = world.deficits if deficits is None else deficits
    if closure not in CLOSURES:
        raise InputError(f"deficits is {closure!r}; choose one of {', '.join(CLOSURES)}")
    if rents not in RENTS:
        raise InputError(f"rents is {rents!r}; choose one of {', '.join(RENTS)}")
    return inputs.iceberg(iceberg, world), inputs.tariff(tariff, world), inputs.theta(theta, world), closure


def case_of(
    world: World,
    iceberg: ArrayLike | xr.DataArray | None,
    tariff: ArrayLike | xr.DataArray | None,
    theta: ArrayLike | xr.DataArray | None,
    deficits: str | None,
    technology: Technology,
    options: Options,
    rents: str = "waste",
    close: Equilibrium | None = None,
) -> Case:
    """Check what the caller gave and put it on the world's axes. Errors: InputError."""
    cost, rate, elasticity, closure = _given(world, iceberg, tariff, theta, deficits, rents)
    base = _base_of(world, closure, elasticity, technology, options, close)
    open_links: BoolArray = np.asarray((np.isfinite(cost) & (world.trade.values > 0)).any(axis=2))
    groups = trading_groups(open_links)
    transfer = np.asarray(base.base.deficit)
    notes: list[str] = []
    if closure == "fixed" and groups.together.min() < 1:
        within = transfers_within(transfer, np.asarray(base.base.value_added), groups.together)
        moved = 0.5 * float(np.abs(within - transfer).sum()) * base.unit
        if moved > 0:
            notes.append(
                f"Deficits of {moved:,.0f} million USD between economies that no longer trade were cancelled: "
                f"{TRANSFERS_ENDED}."
            )
        transfer = within
    policy = Policy(
        iceberg=cost,
        tariff=rate,
        theta=elasticity,
        transfer=transfer if closure == "fixed" else np.zeros_like(transfer),
        together=groups.together,
        exporters_keep=np.asarray(float(rents == "exporter")),
        **scalars(technology),
    )
    form = form_of(bool(rate.any() or world.tariff.values.any()), closure, technology, rents != "waste")
    return Case(
        cost,
        rate,
        elasticity,
        closure,
        technology,
        base,
        policy,
        form,
        groups,
        open_links,
        rents,
        tuple(notes),
    )


def _base_of(
    world: World,
    closure: str,
    theta: FloatArray,
    technology: Technology,
    options: Options,
    close: Equilibrium | None,
) -> Prepared:
    """The base of a case, with the preconditioner of an equilibrium close to it where one is given."""
    if close is None:
        return prepared(world, closure, theta, technology, options)
    if not isinstance(close, Equilibrium):
        raise InputError(
            f"close is {close!r:.60}; give an equilibrium that trade.solve returned, or leave it out"
        )
    if (close.economies, close.sectors) != (world.economies, world.sectors):
        raise InputError("close is an equilibrium of another world; give one of this world, or leave it out")
    central = prepared(world, closure, np.asarray(world.theta.values), technology, options)
    if not np.array_equal(theta, world.theta.values):
        central = prepared(world, closure, theta, technology, options, central)
    return central._replace(response=close.response)


def _first_guess(case: Case) -> Float[Array, " n"]:
    if case.groups.isolated.any() and not case.technology.has_factors:
        return start(case.base.base, case.policy, case.groups.isolated, case.form)
    if case.form.rents:  # none in the base, which the cases of a world share
        return jnp.concatenate([case.base.z, jnp.zeros(case.base.base.value_added.size)])
    return case.base.z


def solve_checked(world: World, case: Case, options: Options) -> Equilibrium:
    """Solve a checked case. Where trade cannot balance (`ONE_WAY`), no number is returned."""
    one_way = case.groups.one_way
    names = ", ".join(world.economies[n] for n in one_way[:8])
    stuck = (*case.notes, f"Links are open in one direction only for: {names}.")
    # Deficits held fixed can stand where trade flows one way only; then the solver decides.
    if one_way and not (
        case.closure == "fixed" and can_pay(case.open_links, np.asarray(case.policy.transfer))
    ):
        return _equilibrium(world, case, None, Status.ONE_WAY, np.inf, 0, stuck)
    outcome, _, status, steps = solve_case(
        case.base.base, case.policy, case.base.response, _first_guess(case), case.form, options
    )
    if status is not Status.OK and one_way:
        return _equilibrium(world, case, None, Status.ONE_WAY, float(outcome.residual), steps, stuck)
    kept = outcome if status is Status.OK else None
    return _equilibrium(world, case, kept, status, float(outcome.residual), steps, case.notes)


def _equilibrium(
    world: World, case: Case, outcome, status: Status, residual: float, steps: int, notes: tuple[str, ...]
) -> Equilibrium:
    return Equilibrium(
        economies=world.economies,
        sectors=world.sectors,
        status=status,
        residual=residual,
        iterations=steps,
        closure=case.closure,
        notes=notes,
        base=case.base.base,
        outcome=outcome,
        unit=case.base.unit,
        iceberg=case.iceberg,
        tariff=case.tariff,
        theta=case.theta,
        policy=case.policy,
        rents_kept_by=case.rents,
        factors=case.technology.factors,
    )


def solve(
    world: World,
    iceberg: ArrayLike | xr.DataArray | None = None,
    tariff: ArrayLike | xr.DataArray | None = None,
    theta: ArrayLike | xr.DataArray | None = None,
    deficits: str | None = None,
    *,
    eta: float = 1.0,
    epsilon: float = 1.0,
    sigma: float = 1.0,
    factors: xr.DataArray | None = None,
    mobility: float | Mapping[str, float] = float("inf"),
    rents: str = "waste",
    close: Equilibrium | None = None,
    options: Options = Options(),
) -> Equilibrium:
    """The equilibrium after a change of trade costs and tariffs, in ratios to the base.

    iceberg: factor on the base trade cost, a scalar (foreign links), [R, R] (origin x destination), [R, R, S] or a
    labelled array; 1 leaves a link unchanged, inf closes it. tariff: the new ad valorem rates, same shapes; None keeps
    the world's. theta: trade elasticities, scalar or [S]; None takes the world's. deficits: `zero` (the base is
    re-solved first), `fixed` (share of world value added), `proportional` (spending in proportion to income); None
    takes the world's. eta, epsilon, sigma: elasticities of substitution between value added and inputs, between
    inputs, and in consumption (1: Cobb-Douglas). factors: shares of labour types, capital and so on in value added,
    labelled (economy, sector, factor), Cobb-Douglas between them; None is one factor. mobility: dispersion kappa >= 1
    of a factor over sectors (1: bound to its sector, inf: mobile; Galle, Rodriguez-Clare and Yi 2023), one number or
    one a factor. rents: who keeps what a rise of the iceberg factor above 1 costs: nobody (`waste`: goods are used up
    on the way), the `importer`'s economy (as a tariff, or licences that residents hold), or the `exporter`'s (as a
    voluntary restraint); on a closed link there is nothing to keep. close: an equilibrium of this world at similar
    costs, tariffs and elasticities; its linear response then steers the iteration, which takes about half the steps,
    and enters no result.

    Returns an `Equilibrium` with status and residual; numbers are NaN unless the status is ok.
    Errors: InputError naming the cell and the remedy.
    """
    _entrance(world, options)
    technology = _technology(world, eta, epsilon, sigma, factors, mobility)
    case = case_of(world, iceberg, tariff, theta, deficits, technology, options, rents, close)
    return solve_checked(world, case, options)


def _technology(
    world: World,
    eta: float,
    epsilon: float,
    sigma: float,
    factors: xr.DataArray | None,
    mobility: float | Mapping[str, float],
) -> Technology:
    names, moves, shares = inputs.factors(factors, mobility, world, ONE_FACTOR)
    return Technology(
        inputs.elasticity("eta", eta, 0.0),
        inputs.elasticity("epsilon", epsilon, 0.0),
        inputs.elasticity("sigma", sigma, 0.0),
        names,
        moves,
        shares,
    )


def _checked(world: World, number: int, case: object) -> dict[str, Any]:
    """One case of many, every entry checked, nothing solved. Errors: InputError with its number."""
    signature = inspect.signature(solve)
    allowed = set(signature.parameters) - {"world", "options"}
    if not isinstance(case, Mapping):
        raise InputError(
            f"case {number} is {case!r:.60}, not a mapping; give arguments of solve, as {{'iceberg': 1.1}}"
        )
    unknown = sorted(map(str, set(case) - allowed))
    if unknown:
        raise InputError(
            f"case {number} has unknown entries {', '.join(unknown)}; choose among {', '.join(sorted(allowed))}"
        )
    bound = signature.bind(world, **case)
    bound.apply_defaults()
    given = bound.arguments
    try:
        _given(world, *(given[name] for name in ("iceberg", "tariff", "theta", "deficits", "rents")))
        _technology(world, *(given[name] for name in ("eta", "epsilon", "sigma", "factors", "mobility")))
    except InputError as error:
        raise InputError(f"case {number}: {error}") from error
    return dict(case)


def solve_many(
    world: World,
    cases: Iterable[Mapping[str, object]],
    *,
    workers: int | None = None,
    options: Options = Options(),
) -> list[Equilibrium]:
    """Many cases of one world: each a mapping of the keyword arguments of `solve`; results come in the same order.

    Every case runs as one single-threaded program; `workers` of them run side by side (default: the processors).
    Errors: InputError, naming the number of the first case that is wrong, before anything is solved.
    """
    _entrance(world, options)
    count = threads(workers)
    if not isinstance(cases, Iterable):
        raise InputError(f"cases is {cases!r:.60}; give a list of mappings, as [{{'iceberg': 1.1}}]")
    checked = [_checked(world, number, case) for number, case in enumerate(cases)]

    def one(case: dict) -> Equilibrium:
        return solve(world, options=options, **case)

    if not checked:
        return []
    # The first case compiles the program and prepares the base that the others share.
    first = one(checked[0])
    with ThreadPoolExecutor(max_workers=count) as pool:
        return [first, *pool.map(one, checked[1:])]


def gradient(
    world: World,
    of: str | Mapping[str, float],
    wrt: Variable = "tariff",
    *,
    iceberg: ArrayLike | xr.DataArray | None = None,
    tariff: ArrayLike | xr.DataArray | None = None,
    theta: ArrayLike | xr.DataArray | None = None,
    deficits: str | None = None,
    eta: float = 1.0,
    epsilon: float = 1.0,
    sigma: float = 1.0,
    factors: xr.DataArray | None = None,
    mobility: float | Mapping[str, float] = float("inf"),
    rents: str = "waste",
    options: Options = Options(),
) -> xr.DataArray:
    """Derivative of log real income by every tariff (ad valorem, 1 = 100 points) or iceberg factor, at an equilibrium.

    of: an economy, or weights by economy for `sum_n weight_n ln(real income_n)`. wrt: `tariff` or `iceberg`. The other
    arguments name the equilibrium, as in `solve`. Returns [origin, destination, sector]; 0 on closed links and on
    domestic tariffs. Implicit function theorem: one equilibrium and one adjoint solve, whatever the number of links.
    Errors: InputError; SolveError where the equilibrium or the adjoint does not converge.
    """
    _entrance(world, options)
    if not isinstance(of, str | Mapping):
        raise InputError(f"gradient of {of!r:.60}: name an economy, or give weights by economy")
    weights = {of: 1.0} if isinstance(of, str) else dict(of)
    unknown = sorted(map(str, set(weights) - set(world.economies)))
    if unknown or not weights:
        raise InputError(
            f"gradient of {', '.join(unknown) or 'nothing'}: name economies of this world, as {world.economies[0]}"
        )
    if not np.isfinite(inputs.numbers("gradient of: the table of weights", list(weights.values()))).all():
        raise InputError("gradient of: a weight is not finite; give numbers, as {'DEU': 0.5, 'FRA': 0.5}")
    if wrt not in ("tariff", "iceberg"):
        raise InputError(f"wrt is {wrt!r}; choose tariff or iceberg")
    technology = _technology(world, eta, epsilon, sigma, factors, mobility)
    case = case_of(world, iceberg, tariff, theta, deficits, technology, options, rents)
    # A derivative by a tariff sees the revenue that the tariff would raise, even where it is zero.
    case = replace(case, form=case.form._replace(tariffs=True))
    if case.groups.one_way and case.closure != "fixed":
        raise SolveError(Status.ONE_WAY.message)
    base, policy, form = case.base.base, case.policy, case.form
    outcome, stage, status, steps = solve_case(
        base, policy, case.base.response, _first_guess(case), form, options
    )
    _equilibrium(world, case, outcome, status, float(outcome.residual), steps, ()).raise_unless_ok()
    vector = jnp.asarray([weights.get(name, 0.0) for name in world.economies])
    values, found = adjoint(base, policy, case.base.response, stage.z, vector, form, wrt)
    if not float(found.error) <= ADJOINT_OPTIONS.tolerance:
        here = respond(rebased(base, outcome, policy))
        values, found = adjoint(base, policy, here, stage.z, vector, form, wrt)
        if not float(found.error) <= 1e3 * ADJOINT_OPTIONS.tolerance:
            raise SolveError(
                f"the adjoint of this equilibrium did not converge (error {float(found.error):.1e}); use a weaker shock"
            )
    result = np.array(values)
    if wrt == "tariff":
        result[np.arange(len(world.economies)), np.arange(len(world.economies))] = 0.0
    coords = {
        "origin": list(world.economies),
        "destination": list(world.economies),
        "sector": list(world.sectors),
    }
    return xr.DataArray(
        result, dims=LINK, coords=coords, name=f"d ln real income / d {wrt}", attrs={"units": "log points"}
    )
