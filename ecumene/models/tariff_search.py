"""One player's best rates, all others held: a search over equilibria that starts each where the last one ended."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ecumene.errors import InputError
from ecumene.models.bestresponse import Top, ascend, climb
from ecumene.models.tariff_game import Anchor, Game, Near, Point
from ecumene.models.tariff_players import Player
from ecumene.types import FloatArray


def limits_of(bounds: tuple[float, float]) -> tuple[float, float]:
    """Bounds in ln(1 + rate). Errors: InputError."""
    try:
        low, high = (float(bound) for bound in bounds)
    except (TypeError, ValueError):
        low = high = np.nan
    if not -1.0 < low < high < np.inf:
        raise InputError(
            f"bounds are {bounds!r:.60}; give two ad valorem rates, as in (0.0, 2.0): both above -1, finite, the lower "
            "first"
        )
    return float(np.log1p(low)), float(np.log1p(high))


def counted(**given: object) -> None:
    """Whole numbers, 0 or above, by name. Errors: InputError."""
    for name, number in given.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise InputError(f"{name} is {number!r:.40}; give a whole number, at least 0")


class Search:
    """One player's value as a function of its own ln(1 + rates), all others held."""

    def __init__(
        self, game: Game, player: Player, tariff: FloatArray, anchor: Anchor, precision: float = 1e-11
    ) -> None:
        self.game, self.player, self.tariff = game, player, tariff
        self.anchor = Anchor(anchor.z, anchor.response, dict(anchor.adjoints))
        self.precision = precision
        self.near = Near(anchor.response)
        self.last: float | None = None

    def __call__(self, x: FloatArray) -> tuple[float, FloatArray]:
        at = self._at(x, self.anchor)
        self.anchor = self.anchor._replace(z=at.z)
        return self.game.value(self.player, at), self.game.slope(self.player, at, self.anchor, self.precision)

    def sighted(self, x: float) -> tuple[float, float, float]:
        """Value, slope and aim of a player with one rate; starts from what the last point says of this one."""
        z = self.anchor.z
        if self.last is not None and self.near.dz is not None:
            z = z + self.near.dz[0] * (x - self.last)
        at = self._at(np.array([x]), self.anchor._replace(z=z))
        slopes = self.game.uniform_slopes([self.player], at, self.near, self.precision)
        self.anchor, self.near, self.last = self.anchor._replace(z=at.z), self.near._replace(dz=slopes.dz), x
        return self.game.value(self.player, at), float(slopes.slope[0]), float(slopes.aim[0])

    def _at(self, x: FloatArray, anchor: Anchor) -> Point:
        return self.game.point(self.player.levy(self.tariff, np.expm1(x)), anchor)

    def best(self, start: FloatArray, limits: tuple[float, float], tolerance: float) -> Top:
        """A local maximum from a start."""
        if self.player.size == 1:
            return climb(self.sighted, float(start[0]), *limits, tolerance=tolerance)
        share = self.player.imports / self.player.imports.max()
        scale = np.sqrt(np.where(share > 0, np.maximum(share, 1e-6), 1.0))
        return ascend(self, start, *limits, scale, tolerance=tolerance)


def starting(player: Player, tariff: FloatArray) -> FloatArray:
    """A player's rates in a table of tariffs: the mean over the links under each rate, as ln(1 + rate)."""
    count = np.maximum(np.bincount(player.part, minlength=player.size), 1)
    return np.log1p(np.bincount(player.part, tariff.reshape(-1)[player.links], minlength=player.size) / count)


def labelled(player: Player, x: FloatArray) -> xr.DataArray:
    shape = [len(player.labels[dim]) for dim in player.dims]
    return xr.DataArray(
        np.expm1(x).reshape(shape), dims=player.dims, coords=player.labels, name="tariff", attrs={"units": "ad valorem"}
    )  # fmt: skip


def levied(game: Game, points: Sequence[FloatArray]) -> FloatArray:
    tariff = np.array(game.case.tariff)
    for player, x in zip(game.players, points, strict=True):
        tariff = player.levy(tariff, np.expm1(x))
    return tariff
