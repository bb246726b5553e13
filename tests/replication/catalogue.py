"""The checks, in the order of the page."""

from __future__ import annotations

from replication import exact_laws, gravity, input_output, nafta, optimal_tariffs
from replication.rows import Check

CHECKS: tuple[Check, ...] = (
    Check(
        "one-sector",
        "One sector, no inputs: welfare from the domestic share",
        "Arkolakis, Costinot and Rodriguez-Clare (2012)",
        "A seeded random world of 6 economies; foreign costs change between 0.8 and 1.6 times, some "
        "links close. Largest relative error over economies.",
        exact_laws.one_sector,
    ),
    Check(
        "many-sectors",
        "Many sectors with inputs: welfare from domestic shares and the Leontief inverse",
        "Costinot and Rodriguez-Clare (2014), section 3",
        "Cobb-Douglas, seeded random worlds with tariffs and deficits; costs and tariffs change. "
        "`ln(w/P) = -alpha' (I - gamma')^-1 (ln pi_nn / theta)`. Largest relative error over "
        "economies.",
        exact_laws.many_sectors,
    ),
    Check(
        "identities",
        "Homogeneity, Walras' law and adding-up",
        "The equations of the model; Caliendo and Parro (2015), section 2",
        "Recomputed with NumPy from the returned fields alone, on seeded random worlds with tariffs, "
        "deficits, zero and closed links. Largest relative error.",
        exact_laws.identities,
    ),
    Check(
        "gradients",
        "Derivatives: implicit against finite differences",
        "Implicit function theorem; central differences with a step of 1e-4",
        "Log real income of one economy by tariffs and by trade costs of single links, beside closed links.",
        exact_laws.gradients,
    ),
    Check(
        "nafta",
        "Tariffs inside North America, 1993 to 2005",
        "Caliendo and Parro (2015), welfare and trade effects of tariff reductions inside NAFTA",
        "31 economies x 40 sectors, base re-solved without deficits. The total is the first-order "
        "formula `ToT + VoT` in percentage changes, not exact real income.",
        nafta.nafta,
        data="caliendo-parro",
        findings=(
            "The published welfare total of Mexico is a first-order formula; the exact change of its "
            "real income in the same equilibrium is about zero. Both are returned, under different "
            "names.",
        ),
    ),
    Check(
        "optimal-tariff",
        "The optimal tariff of two Armington countries",
        "`t_i = 1 / ((sigma - 1) d_j)`, d_j the partner's domestic sales over its output at the "
        "optimum; Gros (1987), Costinot and Rodriguez-Clare (2014)",
        "Iceberg cost 1.5, demand weighted by size. The tariff is the zero of the implicit derivative "
        "of real income, and real income is lower 1 % to either side; expected is the formula at that "
        "equilibrium.",
        optimal_tariffs.optimal,
    ),
    Check(
        "nash-tariff",
        "Symmetric Nash tariffs",
        "Two equal countries, sigma 5, iceberg cost 1.5",
        "Best responses, each by the zero of the derivative, iterated from free trade until they rest.",
        optimal_tariffs.nash,
    ),
    Check(
        "input-output",
        "The Leontief model on WIOD 2011",
        "World Input-Output Database, release of 2013; Timmer et al. (2015)",
        "All five final uses of China fall by a tenth; change of value added. The raw table "
        "as published, and the table as cleaned on reading (`World.flows`). Ecumene has no function for the "
        "Leontief model yet; the check computes it.",
        input_output.wiod,
        data="wiod",
    ),
    Check(
        "gegravity",
        "gegravity 0.3: an agreement between Canada and Japan",
        "gegravity 0.3 on its sample of 30 economies in 2006",
        "Its fixed-share step is a biproportional fit of the new costs to the old totals. The "
        "equilibrium has spending over output constant (`proportional`) and starts from the fitted "
        "flows, output being their row sums.",
        gravity.gegravity,
        data="gegravity",
        findings=(
            "gegravity holds shares of world output at their base values while it solves for prices, "
            "so its step stops short of the equilibrium: Canada gains 0.418 % there and 0.428 % in "
            "equilibrium.",
        ),
    ),
)
