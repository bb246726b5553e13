"""A planning programme as arrays, and what is refused before anything is solved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from ecumene.errors import InputError
from ecumene.types import AnyArray, FloatArray


@dataclass(frozen=True)
class Programme:
    """What one economy can make, needs and buys, year by year. S goods, J techniques, H skills, Q resources, T years.

    A technique makes one good. Money is in any one unit, at base prices; a year's flow. `cut` is the share of base
    imports that is cut, `required` the least living standard. Where `grows` is false no capacity rises above its base.
    """

    makes: Int[AnyArray, " J"]  # the good of each technique
    inputs: Float[AnyArray, "S J"]  # A, total inputs per unit of output, domestic and imported
    investment: Float[AnyArray, "S J"]  # B, goods per unit of new capacity
    labour: Float[AnyArray, "H J"]  # l, per unit of output
    labour_supply: Float[AnyArray, "T H"]
    resources: Float[AnyArray, "Q J"]  # R, per unit of output
    resource_limit: Float[AnyArray, " Q"]  # a year
    needs: Float[AnyArray, " S"]  # f, final consumption at living standard 1
    capacity: Float[AnyArray, " J"]  # k at the beginning, output a year
    depreciation: Float[AnyArray, " J"]  # d, share a year
    stock: Float[AnyArray, " S"]  # s at the beginning
    spoil: Float[AnyArray, " S"]  # share of stocks lost in a year
    imports: Float[AnyArray, " S"]  # m_base, largest imports with nothing cut
    import_price: Float[AnyArray, " S"]  # foreign exchange per unit
    exports: Float[AnyArray, " S"]  # what partners buy at most
    export_price: Float[AnyArray, " S"]
    cut: Float[AnyArray, " T"]  # 0 to 1
    required: Float[AnyArray, " T"]  # least alpha
    transfer: float = 0.0  # foreign exchange a year that need not be earned
    credit: float = 0.0  # largest debt abroad, repaid by the horizon
    interest: float = 0.0  # on debt, a year
    discount: float = 0.97  # factor a year, in (0, 1]
    terminal_weight: float = 0.1  # value of capital left over
    lag: int = 0  # years between investment and capacity, beyond the next year
    grows: bool = True
    learning: Float[AnyArray, "T J"] | None = (
        None  # factor on inputs, labour and resources by year; 1 if None
    )

    def __post_init__(self) -> None:
        """Errors: InputError naming the array, the cell, what is wrong and the remedy."""
        S, J, T = len(self.needs), len(self.makes), len(self.cut)
        H, Q = len(self.labour), len(self.resource_limit)
        if T < 1:
            raise InputError("a plan has 0 years; give at least 1")
        if S < 1 or J < 1:
            raise InputError(f"a plan has {S} goods and {J} techniques; it needs at least one of each")
        if H < 1:
            raise InputError("a plan has no labour; give at least one row of labour per unit of output")
        shapes = {
            "inputs": (S, J), "investment": (S, J), "labour": (H, J), "labour_supply": (T, H),
            "resources": (Q, J), "resource_limit": (Q,), "needs": (S,), "capacity": (J,), "depreciation": (J,),
            "stock": (S,), "spoil": (S,), "imports": (S,), "import_price": (S,), "exports": (S,),
            "export_price": (S,), "cut": (T,), "required": (T,),
        }  # fmt: skip
        if self.learning is not None:
            shapes["learning"] = (T, J)
        for name, shape in shapes.items():
            object.__setattr__(self, name, _nonnegative(name, getattr(self, name), shape))
        for name in ("depreciation", "spoil", "cut"):
            over = np.flatnonzero(getattr(self, name) > 1)
            if len(over):
                raise InputError(
                    f"{name}[{over[0]}] is {getattr(self, name)[over[0]]:.4g}; a share goes from 0 to 1"
                )
        made = np.asarray(self.makes)
        if made.min() < 0 or made.max() >= S:
            raise InputError(f"makes names good {int(made.max())}; goods go from 0 to {S - 1}")
        if not (self.labour_supply.sum(axis=1) > 0).all():
            raise InputError("a plan has no labour in some year; give a labour supply above 0")
        if not self.needs.sum() > 0:
            raise InputError(
                "nothing is needed: final consumption is zero; give the needs at living standard 1"
            )
        self._check_numbers()

    def _check_numbers(self) -> None:
        for name in ("transfer", "credit", "interest", "terminal_weight"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                raise InputError(f"{name} is {value}; it must be a finite number, 0 or above")
        if not 0 < self.discount <= 1:
            raise InputError(f"discount is {self.discount}; a factor a year lies above 0 and up to 1")
        if self.lag < 0:
            raise InputError(f"lag is {self.lag}; investment bears next year (0) or whole years later")

    @property
    def years(self) -> int:
        """Years of the plan."""
        return len(self.cut)

    @property
    def weights(self) -> FloatArray:
        """Discount factors of years, the first 1."""
        return np.asarray(self.discount ** np.arange(self.years), dtype=np.float64)


def _nonnegative(name: str, values: AnyArray, shape: tuple[int, ...]) -> FloatArray:
    array: FloatArray = np.array(values, dtype=np.float64)
    if array.shape != shape:
        raise InputError(f"{name} has shape {array.shape}; this plan needs {shape}")
    wrong = np.argwhere(~(np.isfinite(array) & (array >= 0)))
    if len(wrong):
        cell = tuple(int(place) for place in wrong[0])
        raise InputError(f"{name}{list(cell)} is {array[cell]:.4g}; it must be finite and not negative")
    array.flags.writeable = False
    return array
