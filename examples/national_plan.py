"""What could one economy make and consume as its imports end? `python examples/national_plan.py` (extra `planning`)."""

from pathlib import Path

import ecumene as ec

world = ec.load_world("reference")
found = ec.plan(
    world, "TUR", years=5, import_cut=1.0, frontier=(0.0, 0.5, 1.0), break_even=True, bottlenecks=5
)
data = found.data
print(
    f"Türkiye without imports: {float(data['mean_living_standard']):.3f} of the base's consumption, mean of 5 years"
)
print(f"  made up for by a productivity gain of {100 * float(data['break_even_gain']):.1f} %")
print("Against the cut of imports:", data["frontier_living_standard"].to_series().round(3).to_dict())

lacking = data["shortage"].sum("year").to_series().sort_values(ascending=False)
print("Missing for the base's living standard, million USD over the plan:")
print(lacking[lacking > 0.5].head(3).round(0).to_string())

careful = ec.plan(world, "TUR", settings=Path(__file__).with_name("careful.yaml"), bottlenecks=0)
print("With a growing cut, credit, copied techniques and learning, by year:")
print(careful.data["living_standard"].to_series().round(3).to_string())

drawn = ec.plan_precision(world, "TUR", errors=(0.01, 0.1))
print("Short, as a share of all planned output, if coefficients are measured with an error:")
print(drawn.data["shortage"].mean("draw").to_series().round(4).to_string())
