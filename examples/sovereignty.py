"""On whom does an economy rely, and what would it lose if a partner cut all trade? `python examples/sovereignty.py`."""

import ecumene as ec

world = ec.load_world("reference")
found = ec.sovereignty(world, ["GEO", "DEU"], power="none")
rows = found.to_frame().query("status == 'known' and `with` == ''")
print(rows.pivot(index=["measure", "unit"], columns="economy", values="value").round(2).to_string())

missing = found.to_frame().query("status == 'missing' and `with` == ''")
print("\nNot known, and how to add it:")
for measure, reason in sorted(set(zip(missing["measure"], missing["reason"], strict=True))):
    print(f"  {measure}: {reason}")

# What the European Union could take from Georgia by cutting all trade, and what that would cost itself.
cut = ec.sovereignty(world, "GEO", blocs=["EU"], links=0, power="asked")
loss = float(cut.data["loss_if_cut_off_by_bloc_without_missing"].sel(economy="GEO", bloc="EU"))
cost = float(cut.data["cost_to_bloc"].sel(economy="GEO", bloc="EU"))
print(f"\nA cut by the EU: Georgia loses {loss:.2f}, the EU {cost:.4f} log points x 100")
