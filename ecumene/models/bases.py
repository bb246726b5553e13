"""The base equilibrium of a world under a closure of deficits, solved once and kept for as long as the world lives."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ecumene.errors import SolveError
from ecumene.models.core import rebased, solve_case, start
from ecumene.models.equations import Form
from ecumene.models.groups import trading_groups
from ecumene.models.response import Response, respond
from ecumene.models.shares import Base, Policy
from ecumene.models.solve import Options, Status
from ecumene.types import AnyArray, FloatArray

if TYPE_CHECKING:
    from ecumene.world import World

_KEPT_PER_WORLD = 12

ONE_FACTOR = "value_added"
"""Name of the only factor where value added is not split."""


class Technology(NamedTuple):
    """Elasticities of substitution, and factors with their mobility: by default Cobb-Douglas, one mobile factor.

    `factor_share` [factor, sector, economy] is what each factor earns of a sector's value added; None is one factor.
    """

    eta: float = 1.0
    epsilon: float = 1.0
    sigma: float = 1.0
    factors: tuple[str, ...] = (ONE_FACTOR,)
    mobility: tuple[float, ...] = (float("inf"),)
    factor_share: FloatArray | None = None

    @property
    def nested_ces(self) -> bool:
        return (self.eta, self.epsilon, self.sigma) != (1.0, 1.0, 1.0)

    @property
    def has_factors(self) -> bool:
        return len(self.factors) > 1 or bool(np.isfinite(self.mobility[0]))

    @property
    def key(self) -> tuple:
        """What tells one technology from another."""
        shares = None if self.factor_share is None else self.factor_share.tobytes()
        return (*self[:-1], shares)


class Prepared(NamedTuple):
    """A base, the preconditioner at it, the vector of the base itself, and world value added in million USD."""

    base: Base
    response: Response
    z: Float[Array, " n"]
    unit: float


_PREPARED: WeakKeyDictionary[World, dict[tuple, Prepared]] = WeakKeyDictionary()
_WORKING: WeakKeyDictionary[World, dict[tuple, Lock]] = WeakKeyDictionary()
"""One lock for each base that is being prepared, so that a second thread waits for it."""
_LOCK = Lock()


def _ratio(numerator: FloatArray, denominator: FloatArray, otherwise: float = 0.0) -> FloatArray:
    out = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), otherwise)
    return np.divide(numerator, denominator, out=out, where=denominator > 0)


def observed_base(world: World, theta: FloatArray, technology: Technology) -> Base:
    """Shares and levels of the world as it is, with its own deficits; value added of the world is 1."""
    unit = float(world.value_added.values.sum())
    trade, paid = world.trade.values, 1.0 + world.tariff.values
    output, spending = world.output.values, world.spending.values
    value_added = np.maximum(world.value_added.values, 0.0)
    final = world.final.values.sum(axis=2)
    # Shares of each cost add to one exactly: value added is the rest.
    gamma = _ratio(world.intermediate.values, output[:, None, :])
    beta = np.where(output > 0, np.maximum(1.0 - gamma.sum(axis=1), 0.0), 1.0)
    arrays = Base(
        pi=_ratio(trade * paid, spending[None, :, :]).transpose(2, 0, 1),
        paid=paid.transpose(2, 0, 1),
        theta=theta,
        beta=beta.T,
        gamma=gamma,
        alpha=(final / final.sum(axis=1, keepdims=True)).T,
        value_added=value_added.sum(axis=1) / unit,
        worker_share=(value_added / value_added.sum(axis=1, keepdims=True)).T,
        factor_share=np.ones((1, *beta.T.shape))
        if technology.factor_share is None
        else technology.factor_share,
        deficit=world.deficit.values / unit,
        revenue=world.tariff_revenue.values / unit,
        spending=spending.T / unit,
        output=output.T / unit,
    )
    return Base(*(jax.device_put(np.ascontiguousarray(part)) for part in arrays))


def unchanged(base: Base, transfer: Float[AnyArray, " R"], technology: Technology) -> Policy:
    """The policy that leaves trade costs and tariffs as they are."""
    n_economies = base.value_added.size
    shape = (n_economies, n_economies, base.theta.size)
    return Policy(
        iceberg=np.ones(shape),
        tariff=np.asarray(base.paid).transpose(1, 2, 0) - 1.0,
        theta=base.theta,
        transfer=transfer,
        exporters_keep=np.zeros(()),
        together=trading_groups(np.asarray((np.asarray(base.pi) > 0).any(axis=0))).together,
        **scalars(technology),
    )


def scalars(technology: Technology) -> dict[str, FloatArray]:
    """The elasticities of a technology as a policy holds them."""
    names = {
        "eta": technology.eta,
        "epsilon": technology.epsilon,
        "sigma": technology.sigma,
        "immobility": 1.0 / np.asarray(technology.mobility),
    }
    return {name: np.asarray(value, dtype=np.float64) for name, value in names.items()}


def form_of(tariffs: bool, closure: str, technology: Technology, rents: bool = False) -> Form:
    """The branches that a case needs; rents are a wedge, as tariffs are."""
    return Form(
        nested_ces=technology.nested_ces,
        tariffs=tariffs or rents,
        proportional=closure == "proportional",
        factors=technology.has_factors,
        rents=rents,
    )


def prepared(
    world: World,
    closure: str,
    theta: FloatArray,
    technology: Technology,
    options: Options,
    central: Prepared | None = None,
) -> Prepared:
    """The base of a world under a closure: as observed, or re-solved first without deficits (`zero`).

    `central`: one at other elasticities, whose preconditioner is then taken, as `near` does.
    Errors: SolveError where the base without deficits has no equilibrium.
    """
    key = (closure, theta.tobytes(), technology.key, central is None)
    with _LOCK:
        kept = _PREPARED.setdefault(world, {})
        if key in kept:
            return kept[key]
        working = _WORKING.setdefault(world, {}).setdefault(key, Lock())
    with working:
        with _LOCK:
            if key in kept:
                return kept[key]
        if central is None:
            made = _prepare(world, closure, theta, technology, options)
        else:
            made = near(world, closure, theta, technology, central, options)
        with _LOCK:
            while len(kept) >= _KEPT_PER_WORLD:
                kept.pop(next(iter(kept)))
            kept[key] = made
            _WORKING[world].pop(key, None)
        return made


def near(
    world: World,
    closure: str,
    theta: FloatArray,
    technology: Technology,
    central: Prepared,
    options: Options,
) -> Prepared:
    """The base at other elasticities, with the preconditioner of a prepared one: made in a moment, and not kept.

    Shares of the world as it is do not depend on elasticities; a base without deficits is solved first.
    Errors: SolveError, as `prepared`.
    """
    if closure != "zero" or not np.abs(world.deficit.values).max() > 0:
        return central._replace(base=central.base._replace(theta=theta))
    base, z = _without_deficits(
        world, observed_base(world, theta, technology), central.response, technology, options
    )
    return central._replace(base=base, z=z)


def _prepare(
    world: World, closure: str, theta: FloatArray, technology: Technology, options: Options
) -> Prepared:
    base = observed_base(world, theta, technology)
    form = form_of(bool(world.tariff.values.any()), closure, technology)
    nobody = np.zeros(len(world.economies), dtype=bool)
    observed = unchanged(base, base.deficit, technology)
    z = start(base, observed, nobody, form)
    response = respond(base)
    if closure == "zero" and float(np.abs(base.deficit).max()) > 0:
        base, z = _without_deficits(world, base, response, technology, options)
        response = respond(base)
    return Prepared(base, response, z, float(world.value_added.values.sum()))


def _without_deficits(
    world: World, observed: Base, response: Response, technology: Technology, options: Options
) -> tuple[Base, Float[Array, " n"]]:
    """The observed base re-solved with deficits of zero, and its own point. Errors: SolveError."""
    form = form_of(bool(world.tariff.values.any()), "zero", technology)
    nobody = np.zeros(len(world.economies), dtype=bool)
    policy = unchanged(observed, jnp.zeros_like(observed.deficit), technology)
    z = start(observed, unchanged(observed, observed.deficit, technology), nobody, form)
    outcome, _, status, _ = solve_case(observed, policy, response, z, form, options)
    if status is not Status.OK:
        raise SolveError(
            f"the base of this world without trade deficits: {status.message}; try deficits='fixed'"
        )
    base = rebased(observed, outcome, policy)
    base = base._replace(deficit=jnp.zeros_like(base.deficit))
    return base, start(base, unchanged(base, base.deficit, technology), nobody, form)
