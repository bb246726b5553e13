"""Input that no model of change can use, in a process of its own, without the type hook of the tests: as users do."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest
from shell import environment

CALLS = {
    "tipping.folds('x', 1.0)": "b is 'x'",
    "tipping.folds(6.0, None)": "beta is None",
    "tipping.folds(6.0, True)": "beta is True",
    "tipping.folds([6.0, 7.0], 1.0)": "b is [6.0, 7.0]",
    "tipping.folds(6.0, nan)": "beta is nan; give a finite number",
    "tipping.shares_at_rest('a', 6.0, 1.0)": "a is 'a'",
    "tipping.shares_at_rest(nan, 6.0, 1.0)": "a is nan",
    "tipping.loop(['a', 'b'], 6.0, 1.0)": "a is ['a', 'b']",
    "tipping.loop([1.0, nan], 6.0, 1.0)": "rising",
    "tipping.loop([[1.0], [1.0, 2.0]], 6.0, 1.0)": "a is [[1.0], [1.0, 2.0]]",
    "tipping.loop(None, 6.0, 1.0)": "a is None",
    "transition.steps(nan, 5)": "years is nan; give a whole number",
    "transition.steps(2, nan)": "horizon is nan",
    "transition.steps(2.5, 5)": "years is 2.5",
    "transition.steps('2', 5)": "years is '2'",
    "transition.steps(True, 5)": "years is True",
    "transition.maturity([0.0, nan, 1.0], 3.0)": "done must be",
    "transition.maturity([0.0, 0.5, 1.5], 3.0)": "the whole way is 1",
    "transition.maturity([], 3.0)": "done must be",
    "transition.maturity([0.0, 1.0], nan)": "years is nan; give a finite number",
    "transition.maturity([0.0, 1.0], -1.0)": "years is -1.0; give a finite number, 0.0 or above",
    "transition.maturity([0.0, 1.0], 'x')": "years is 'x'",
    "transition.discounted([1.0, 2.0], nan)": "rate is nan; give a finite number",
    "transition.discounted([1.0, 2.0], -1.0)": "rate is -1.0; it must be above -1",
    "transition.discounted(['a'], 0.03)": "values is ['a']",
    "transition.discounted([], 0.03)": "values has shape (0,)",
    "transition.discounted(2.0, 0.03)": "values has shape ()",
    "transition.Speed(elasticity='x').checked()": "elasticity is 'x'",
    "transition.Speed(supplier_years=nan).checked()": "supplier_years is nan",
    "evolve(seeds=[1.5])": "seeds[0] is 1.5; give a whole number",
    "evolve(seeds=[0, -1])": "seeds[1] is -1; give a whole number from 0 to 4,294,967,295",
    "evolve(seeds=[2**32])": "seeds[0] is 4294967296; give a whole number from 0 to 4,294,967,295",
    "evolve(seeds=['a'])": "seeds[0] is 'a'",
    "evolve(seeds=[True])": "seeds[0] is True",
    "evolve(seeds=7)": "seeds is 7; give a list",
    "evolve(years=2.5)": "years is 2.5; give a whole number",
    "evolve(years='4')": "years is '4'",
    "evolve(years=nan)": "years is nan",
    "evolve(years=True)": "years is True",
    "evolve(start=['a', 'b'])": "start is ['a', 'b']",
    "evolve(start=[[0], [0, 1]])": "start is [[0], [0, 1]]",
    "evolve(start=[0.5, 0])": "start must be 2 choices",
    "evolve(shock='flood')": "shock is 'flood'",
    "evolve(shock=[[1.0], [1.0, 2.0]])": "shock is [[1.0], [1.0, 2.0]]",
    "evolve(pressure=['x'])": "pressure is ['x']",
    "evolve(behaviour=dynamics.Behaviour(beta='x'))": "beta is 'x'",
    "evolve(behaviour=dynamics.Behaviour(threshold=nan))": "threshold is nan",
    "evolve(behaviour=3.0)": "behaviour is 3.0",
    "evolve(landscape=None)": "landscape is None",
    "evolve(landscape=land._replace(own=[['a', 'b'], ['c', 'd']]))": "own is [['a', 'b'], ['c', 'd']]",
    "evolve(landscape=land._replace(own=np.zeros((0, 2))))": "own has shape (0, 2)",
    "evolve(landscape=land._replace(allowed=[[1, 1], [1, 1]]))": "allowed is [[1, 1], [1, 1]]",
    "meanfield.sweep(land, dynamics.Behaviour(), start, ['a'], half)": "raised is ['a']",
    "meanfield.sweep(land, dynamics.Behaviour(), start, [0.0, np.inf], half)": "rising",
    "meanfield.sweep(land, dynamics.Behaviour(), start, [0.0, 1.0], half, pressure=nan)": "pressure is nan",
    "meanfield.sweep(land, dynamics.Behaviour(), start, [0.0, 1.0], half, hit=[1.0])": "hit has shape",
    "meanfield.sweep(land, dynamics.Behaviour(), start, [0.0, 2.0], half, hit=land.loss)": "chances lie from 0 to 1",
}
"""What is called, and what the message says."""

SCRIPT = """
import json, sys
import numpy as np
from ecumene.errors import InputError
from ecumene.models import dynamics, meanfield, tipping, transition

nan = float("nan")
land = dynamics.Landscape(np.zeros((2, 2)), np.zeros((2, 2, 2, 2)), np.zeros((2, 2)), np.zeros(2))
start, half = np.eye(2), np.full(2, 0.5)
whole = {"landscape": land, "behaviour": dynamics.Behaviour(), "start": [0, 1], "years": 2, "seeds": [1]}

def evolve(**change):
    return dynamics.evolve(**{**whole, **change})

told = {}
for call in json.load(sys.stdin):
    try:
        told[call] = f"no error: {eval(call)!r}"
    except InputError as error:
        told[call] = str(error)
    except Exception as error:
        told[call] = f"{type(error).__name__}: {error}"
evolve()
evolve(seeds=np.array([1, 2], dtype=np.uint32), years=np.int64(2), start=np.array([0, 1]))
json.dump(told, sys.stdout)
"""


@cache
def _told() -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=json.dumps(list(CALLS)), capture_output=True, text=True, timeout=120,
        env=environment(), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("call", CALLS)
def test_impossible_input_is_told_in_one_message(call: str) -> None:
    assert CALLS[call] in _told()[call]
