"""What every test shares: the strict numerical settings and the folder of real data beside the checkout."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import jax
import pytest
from jaxtyping import install_import_hook

# Before the first import of the package: every signature is checked against what it is called with.
# What accepts anything and then converts it is left out: `World`, `runs`, `models.trade`, `models.inputs` and
# `models.planning_inputs`.
CHECKED = [
    "accounts",
    "balancing",
    "measures",
    "models.alignment",
    "models.banks",
    "models.bases",
    "models.bestresponse",
    "models.choicelogit",
    "models.clearing",
    "models.coalitions",
    "models.core",
    "models.coregap",
    "models.credit",
    "models.debtrank",
    "models.decomposition",
    "models.depths",
    "models.dynamics",
    "models.ensemble",
    "models.epidemic",
    "models.epidemic_inputs",
    "models.epidemic_outcome",
    "models.equations",
    "models.equilibrium",
    "models.exposures",
    "models.farsight",
    "models.finance",
    "models.gradient",
    "models.groups",
    "models.highs",
    "models.interventions",
    "models.journeys",
    "models.meanfield",
    "models.nations",
    "models.path",
    "models.planning",
    "models.planning_duals",
    "models.planning_errors",
    "models.planning_model",
    "models.planning_solve",
    "models.poles",
    "models.power",
    "models.reliance",
    "models.response",
    "models.seir",
    "models.shares",
    "models.shock_base",
    "models.shock_days",
    "models.shock_equations",
    "models.shock_events",
    "models.shock_settings",
    "models.shocks",
    "models.slopes",
    "models.solve",
    "models.sovereignty",
    "models.stances",
    "models.standing",
    "models.tangents",
    "models.tariff_game",
    "models.tariff_players",
    "models.tariffs",
    "models.tauleap",
    "models.tipping",
    "models.transition",
    "models.valuation",
    "models.variance",
    "orders",
    "provenance",
    "resultfile",
    "results",
    "security",
    "shocks",
    "sources",
]
install_import_hook([f"ecumene.{name}" for name in CHECKED], "beartype.beartype")

from ecumene import jax_setup  # noqa: E402, F401  (x64 and the compilation cache, as the product sets them)

jax.config.update("jax_numpy_rank_promotion", "raise")

MOST_MAPS = 20_000
"""Regions of memory of this process beyond which compiled programs are let go; a system allows some 65,000."""


@pytest.fixture(autouse=True, scope="module")
def few_programs() -> Iterator[None]:
    """A compiled program takes about 17 regions of memory: hundreds of tests in one process would use them up."""
    yield
    maps = Path("/proc/self/maps")
    if maps.exists() and len(maps.read_text().splitlines()) > MOST_MAPS:
        jax.clear_caches()


# A shell that starts the tests in the background has them ignore Ctrl-C, and with them all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = Path(__file__).resolve().parents[2] / "shared"
IN_CI = os.environ.get("ECUMENE_CI") == "1"


def missing(what: str) -> None:
    """Skip with a printed reason; in continuous integration nothing may be skipped, so fail."""
    if IN_CI:
        pytest.fail(f"{what} is needed here because ECUMENE_CI=1", pytrace=False)
    pytest.skip(f"{what} is not here")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published data beside the checkout (`../shared`)."""
    if not (SHARED / "data").is_dir():
        missing("the data folder ../shared")
    return SHARED
