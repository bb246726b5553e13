"""gegravity 0.3 and Ecumene on the same experiment: an agreement between Canada and Japan."""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np
import pandas as pd

from benchmarks.cases import DATA, ROOT
from benchmarks.page import Figure
from benchmarks.timing import Timed, timed
from ecumene.models import trade

sys.path.insert(0, str(ROOT / "tests"))

from replication import gravity


def _simulate() -> tuple[float, float]:
    """One run of gegravity: seconds of `simulate`, and its GDP change of Canada."""
    import gegravity

    table = gravity.sample(DATA)
    coefficients = pd.DataFrame(
        {"var": list(gravity.COEFFICIENTS), "coeff": list(gravity.COEFFICIENTS.values())}
    )
    model = gegravity.OneSectorGE(
        gegravity.BaselineData(table, trade_var_name="trade", expend_var_name="E", output_var_name="Y"),
        year="2006",
        reference_importer="DEU",
        expend_var_name="E",
        output_var_name="Y",
        sigma=gravity.SIGMA,
        cost_variables=list(gravity.COEFFICIENTS),
        cost_coeff_values=gegravity.CostCoeffs(coefficients.assign(ste=0.01), "var", "coeff", "ste"),
        quiet=True,
    )
    model.build_baseline(omr_rescale=10)
    model.define_experiment(gravity.with_agreement(table))
    begin = time.perf_counter()
    model.simulate()
    taken = time.perf_counter() - begin
    return taken, float(model.country_results.loc["CAN", "GDP change (percent)"])


def measure() -> tuple[list[Figure], str]:
    """Both times, and a sentence with both numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runs = [_simulate() for _ in range(3)]
    taken = [seconds for seconds, _ in runs]
    theirs = Timed(float(np.median(taken)), min(taken), max(taken), len(taken))
    world, iceberg = gravity.base_world(DATA), gravity.agreement(DATA)
    ours = timed(lambda: trade.solve(world, iceberg=iceberg, deficits="proportional").real_wage, runs=100)
    eq = trade.solve(world, iceberg=iceberg, deficits="proportional").raise_unless_ok()
    canada = 100 * (float(eq.real_wage.sel(economy="CAN")) - 1)
    ratio = theirs.median / ours.median
    figures = [
        Figure("gegravity 0.3, `simulate`, 30 economies", theirs, "base solved before"),
        Figure(
            "`ec.trade.solve`, the same experiment", ours, f"{ratio:,.0f} times faster", theirs.median / 100
        ),
    ]
    sentence = (
        "Both answer what an agreement between Canada and Japan does; gegravity's fixed-share step gives Canada "
        f"{runs[0][1]:+.3f} % of GDP, the equilibrium a real wage of {canada:+.3f} % "
        "(see [replication](replication.md#gegravity))."
    )
    return figures, sentence
