"""Compiled programs call no LAPACK kernel, which could deadlock (see docs/architecture.md)."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_world import make_world

from ecumene.models import trade
from ecumene.models.bases import Technology
from ecumene.models.core import compiled_attempt, rebased
from ecumene.models.gradient import adjoint
from ecumene.models.solve import Options


def _calls_lapack(program: str) -> bool:
    return "lapack" in program.lower()


@pytest.mark.parametrize("closure", ["fixed", "proportional"])
@pytest.mark.parametrize("technology", [Technology(), Technology(0.5, 0.5, 0.5, mobility=(1.5,))])
def test_no_program_calls_lapack(closure: str, technology: Technology) -> None:
    world, options = make_world(), Options()
    case = trade.case_of(world, 1.2, 0.1, None, closure, technology, options)
    given = (case.base.base, case.policy, case.base.response, case.base.z)
    solve = compiled_attempt.lower(*given, options.tolerance, case.form, options)
    weights = jnp.ones(len(world.economies))
    derivative = adjoint.lower(*given, weights, case.form, "tariff")
    _, outcome = compiled_attempt(*given, options.tolerance, case.form, options)
    base = rebased.lower(case.base.base, outcome, case.policy)
    for program in (solve, derivative, base):
        assert not _calls_lapack(program.as_text())


def test_the_test_would_see_one() -> None:
    program = jax.jit(jnp.linalg.solve).lower(np.eye(3), np.ones(3))
    assert _calls_lapack(program.as_text())
