"""What every reader returns: a raw input-output table in million USD; and how it becomes a World."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ecumene import elasticities
from ecumene.errors import SourceError, WorldError
from ecumene.types import BoolArray, FloatArray
from ecumene.world import World


@dataclass(frozen=True)
class Table:
    """A raw table: Z [R*S, R*S] and Y [R*S, R*F], million USD a year, economy-major, rows sell to columns."""

    Z: FloatArray
    Y: FloatArray
    economies: tuple[str, ...]
    sectors: tuple[str, ...]
    final_uses: tuple[str, ...]
    source: str
    year: int | None = None
    sector_names: Sequence[str] | None = None
    broad: Sequence[Sequence[str]] | None = None
    tariff: FloatArray | None = None
    theta: FloatArray | None = None
    goods: BoolArray | None = None
    notes: tuple[str, ...] = ()

    def noting(self, *sentences: str) -> Table:
        """A copy that tells the user more."""
        return replace(self, notes=(*self.notes, *sentences))

    def scaled(self, factor: float) -> Table:
        """A copy in another unit."""
        return replace(self, Z=self.Z * factor, Y=self.Y * factor)

    def to_world(self) -> World:
        """Clean, close and label the table, with the layers `goods` and `sector_name`.

        Errors: SourceError naming the source and the cell.
        """
        broad = self.broad if self.broad is not None else elasticities.classify(self.sectors)
        theta, theta_source = self.theta, None
        if theta is None and self.broad is not None:
            theta, theta_source = elasticities.theta_of(self.broad), elasticities.THETA_SOURCE
        layers: dict[str, Any] = {}
        notes = [*self.notes, *self._silent_sectors()]
        if self.goods is not None:
            layers["goods"] = self.goods
        elif broad is not None:
            layers["goods"] = elasticities.goods_of(broad)
        else:
            layers["goods"] = np.ones(len(self.sectors), dtype=bool)
            notes.append("Sector codes of no known classification: every sector is taken to be a good.")
        layers["sector_name"] = np.array(list(self.sector_names or self.sectors), dtype=object)
        try:
            return World.from_flows(
                self.Z,
                self.Y,
                economies=self.economies,
                sectors=self.sectors,
                final_uses=self.final_uses,
                tariff=self.tariff,
                theta=theta,
                theta_source=theta_source,
                year=self.year,
                source=self.source,
                layers=layers,
                notes=notes,
            )
        except WorldError as error:
            raise SourceError(f"{self.source}: {error}") from error

    def _silent_sectors(self) -> list[str]:
        cells = len(self.economies) * len(self.sectors)
        if self.Z.shape != (cells, cells) or self.Y.shape[:1] != (cells,):
            return []
        output = self.Z.sum(axis=1) + self.Y.sum(axis=1)
        silent = int((output == 0).sum())
        if not silent:
            return []
        return [f"{silent} of {cells} sectors of an economy produce nothing; their zeros stay zero."]


def merge(
    Z: FloatArray, Y: FloatArray, rows: Sequence[int], n_rows: int, buyers: Sequence[int], n_buyers: int
) -> tuple[FloatArray, FloatArray]:
    """Add up rows and columns of flows by group, before any share is formed.

    `rows[k]` is the new place of cell k (seller and user alike), `buyers[j]` that of final-demand column j.
    """
    from scipy import sparse

    def groups(to: Sequence[int], size: int) -> sparse.csr_matrix:
        return sparse.csr_matrix((np.ones(len(to)), (list(to), range(len(to)))), shape=(size, len(to)))

    cells, uses = groups(rows, n_rows), groups(buyers, n_buyers)
    merged_Z = np.asarray((cells @ (cells @ Z).T).T)
    merged_Y = np.asarray((uses @ (cells @ Y).T).T)
    return merged_Z, merged_Y


def in_order(values: Sequence[str]) -> tuple[str, ...]:
    """Distinct values in the order of their first appearance."""
    return tuple(dict.fromkeys(values))


def places(values: Sequence[str]) -> Mapping[str, int]:
    """Position of each value."""
    return {value: position for position, value in enumerate(values)}
