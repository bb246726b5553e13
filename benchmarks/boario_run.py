"""One run of BoARIO in a process of its own: `python boario_run.py TASK.npz RESULT.npz`; it is used, never read.

The task holds Z, Y, sorted names of economies and sectors, the lost share of each industry's capital, the day it is
lost, how long, over how many days it recovers, and the model's parameters.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings

import numpy as np
import pandas as pd


def main() -> int:
    warnings.simplefilter("ignore")
    try:
        import boario.event as events
        import pymrio
        from boario.extended_models import ARIOPsiModel
        from boario.simulation import Simulation
    except ImportError as error:
        print(f"boario is not here: {error}", file=sys.stderr)
        return 3
    logging.disable(logging.CRITICAL)
    task = np.load(sys.argv[1])
    names = [list(map(str, task[axis])) for axis in ("economies", "sectors")]
    rows = pd.MultiIndex.from_product(names, names=["region", "sector"])
    uses = [f"use{number}" for number in range(task["Y"].shape[1] // len(names[0]))]
    columns = pd.MultiIndex.from_product([names[0], uses], names=["region", "category"])
    system = pymrio.IOSystem(Z=pd.DataFrame(task["Z"], rows, rows), Y=pd.DataFrame(task["Y"], rows, columns))
    system.calc_all()
    model = ARIOPsiModel(
        system, order_type=str(task["order_type"]), monetary_factor=1, psi_param=float(task["psi"]),
        alpha_max=float(task["overproduction"]), alpha_tau=int(task["overproduction_days"]),
        main_inv_dur=int(task["stock_days"]), inventory_restoration_tau=int(task["restoring_days"]),
    )  # fmt: skip
    simulation = Simulation(model, n_temporal_units_to_sim=int(task["days"]))
    capital = np.asarray(model.productive_capital).reshape(-1)
    lost = pd.Series(capital * task["lost"].reshape(-1), index=rows)
    simulation.add_event(
        events.from_series(
            lost[lost > 0], event_type="recovery", occurrence=int(task["start"]), duration=int(task["length"]),
            recovery_tau=int(task["recovery"]), name="event",
        )
    )  # fmt: skip
    begin = time.perf_counter()
    simulation.loop()
    taken = time.perf_counter() - begin
    output = simulation.production_realised
    if list(output.columns) != list(rows):
        print("columns came back in another order", file=sys.stderr)
        return 4
    np.savez(
        sys.argv[2],
        output=np.asarray(output),
        capacity=np.asarray(simulation.production_capacity),
        seconds=taken,
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
