"""Tariffs that would serve their setters best: one alone, everybody at once, and who could keep free trade.

`python examples/tariffs.py`. A benchmark of theory, not a forecast and no advice.
"""

import numpy as np

import ecumene as ec
from ecumene.orders import unions

world = ec.load_world("reference")
union = [code for code in unions.members("EU", 2019) if code in world.economies]
players = {"USA": ["USA"], "CHN": ["CHN"], "EU": union}

alone = ec.tariffs.optimal(world, {"EU": union})
print(f"EU alone: {100 * float(alone.rates):.1f} %, gain {100 * alone.gain:.3f} log points x 100")
print(
    f"  slope left {alone.gradient_norm:.0e}, best of the random restarts {alone.restart_gap:+.0e} beside it"
)

war = ec.tariffs.nash(world, players).raise_unless_certified()
income = np.log(war.equilibrium.real_income)
print("Nash, all three at once:")
for name, members in war.players.items():
    weight = world.value_added.sel(economy=list(members)).sum("sector")
    mean = float(income.sel(economy=list(members)).weighted(weight).mean())
    print(
        f"  {name:3}  {100 * float(war.rates[name]):5.1f} %   real income {100 * mean:+.3f} log points x 100"
    )
print(f"  most that any best response still gains: {max(war.gains.values()):.0e} log points")

kept = ec.tariffs.patience(war)
print("Discount factor from which free trade is kept (infinite: better off at Nash):")
print(kept.discount_factor.to_series().round(3).to_string())
