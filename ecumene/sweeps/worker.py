"""A worker process: takes batches of cases from its standard input, and puts their parts in their place.

Messages are pickles; both ends are this package in one environment, and the pipe belongs to the process that began it.
When that process ends, the worker finishes and writes its batch, finds nobody to tell, and ends too.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
from pathlib import Path
from typing import Final

from ecumene.errors import EcumeneError

THREADS: Final = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""A worker is one thread: libraries of linear algebra read these when they are loaded."""


UNUSED: Final = ("dask", "sparse", "pint", "cupy")
"""Packages whose arrays xarray looks for, loading them whole to know; none is in a worker, so none is there to load."""


READY: Final = "ready"
"""Said when everything is loaded and the job is there."""


def main() -> None:
    """Serve until the other end closes the pipe."""
    messages = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get among the answers
    if "xarray" not in sys.modules:  # else it has looked already
        for package in UNUSED:
            sys.modules.setdefault(package, None)  # type: ignore[arg-type]
    from ecumene.sweeps import parts
    from ecumene.sweeps.solving import Solver

    with contextlib.suppress(EOFError, BrokenPipeError):
        job, folder = pickle.load(messages)
        solver = Solver(job)
        pickle.dump(READY, answers)
        answers.flush()
        while True:
            batch, cases = pickle.load(messages)
            try:
                made = parts.make(solver, batch, cases)
                parts.write(Path(folder), made)
                answer: object = made.part
            except EcumeneError as error:  # nothing can be written: that ends the sweep
                answer = error
            pickle.dump(answer, answers)
            answers.flush()
    sys.stdout = None  # nobody reads any more


if __name__ == "__main__":
    main()
