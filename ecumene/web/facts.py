"""A world as plain values, and what an order is on it: for pages that choose, name and draw."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Final

import numpy as np

from ecumene import countries
from ecumene.orders import Order, apply, unions
from ecumene.orders.names import Resolver
from ecumene.web.ask import LANGUAGES
from ecumene.web.library import Place
from ecumene.world import World

OWN: Final = {"XKX": "XK", "ROM": "RO"}
"""Codes in use that CLDR does not list."""

QUALITY: Final = {
    "reference": "estimated from public facts and gravity, not a published table",
    "folder": "as its file says; not checked against any source",
    "uploaded": "as its file says; not checked against any source",
}
"""How far the numbers of a world can be trusted, in one phrase."""


@cache
def _territories() -> tuple[dict[str, str], dict[str, str], dict[str, dict[str, str]]]:
    """alpha-3 to alpha-2, alpha-2 to numeric, and language to alpha-2 to name (CLDR, through Babel)."""
    from babel import Locale
    from babel.core import get_global

    short, numeric = dict(OWN), {}
    for code, new in get_global("territory_aliases").items():
        if len(new) != 1 or len(code) != 3:
            continue
        if code.isalpha():
            short[code] = new[0]
        else:
            numeric[new[0]] = code
    return short, numeric, {language: dict(Locale(language).territories) for language in LANGUAGES}


def names_of(code: str) -> dict[str, str]:
    """Names of an economy by language; only English, from the table of economies, where CLDR has none."""
    short, _, known = _territories()
    found = {
        language: names[short[code]]
        for language, names in known.items()
        if code in short and short[code] in names
    }
    return found or {"en": countries.name_of(code)}


def numeric_of(code: str) -> str | None:
    """The ISO 3166 number of an economy, three digits; None where there is none."""
    short, numeric, _ = _territories()
    return numeric.get(short.get(code, ""))


def facts_of(place: Place, world: World) -> dict[str, Any]:
    """What a page shows of a world. A number that is not known is None."""
    year = unions.DEFAULT_YEAR if world.year is None else world.year
    return {
        **summary_of(place, world),
        "source": world.source,
        "theta_source": world.theta_source,
        "deficits": world.deficits,
        "notes": list(world.notes),
        "quality": QUALITY[place.kind],
        "economies": [_economy(world, n) for n in range(len(world.economies))],
        "sectors": [_sector(world, s) for s in range(len(world.sectors))],
        "unions": _unions(world, unions.Memberships(year)),
    }


def summary_of(place: Place, world: World) -> dict[str, Any]:
    """A world in a line."""
    return {
        "name": place.name,
        "title": world.source if place.kind == "reference" else place.title,
        "year": world.year,
        "kind": place.kind,
        "size": {"economies": len(world.economies), "sectors": len(world.sectors)},
        "hash": world.hash,
        "problem": "",
    }


def _economy(world: World, n: int) -> dict[str, Any]:
    code = world.economies[n]
    country = countries.countries().get(code)

    def known(layer: str) -> float | None:
        values = world.layers.get(layer)
        number = math.nan if values is None else float(values.values[n])
        return number if math.isfinite(number) else None

    return {
        "code": code,
        "numeric": numeric_of(code),
        "name": countries.name_of(code),
        "names": names_of(code),
        "region": None if country is None else country.subregion,
        "continent": None if country is None else country.continent,
        "aggregate": countries.is_aggregate(code),
        "income": float(world.income.values[n]),
        "population": known("population"),
        "latitude": known("latitude"),
        "longitude": known("longitude"),
    }


def _sector(world: World, s: int) -> dict[str, Any]:
    goods, titles = world.layers.get("goods"), world.layers.get("sector_name")
    return {
        "code": world.sectors[s],
        "title": world.sectors[s] if titles is None else str(titles.values[s]),
        "goods": True if goods is None else bool(goods.values[s]),
        "theta": float(world.theta.values[s]),
    }


def _unions(world: World, now: unions.Memberships) -> list[dict[str, Any]]:
    """Unions with two members or more in the world."""
    found = []
    for name, union in unions.unions().items():
        members = sorted(now.members(name) & set(world.economies))
        if len(members) > 1:
            depth = union.depth(now.date)
            common = union.common_tariff and depth >= 3
            found.append(
                {
                    "name": name,
                    "title": union.title,
                    "depth": depth,
                    "common_tariff": common,
                    "members": members,
                }
            )
    return found


def on_world(order: Order, world: World) -> dict[str, Any]:
    """An order's own blocs with their members, and the notes that it meets. Errors: OrderError."""
    policy = apply(order, world)
    year = unions.DEFAULT_YEAR if world.year is None else world.year
    blocs = {name: bloc for name, (_, bloc) in order.blocs().items()}
    resolver = Resolver(world.economies, blocs, unions.Memberships(year))
    shown = [
        {
            "name": name,
            "depth": bloc.depth,
            "common_tariff": bloc.common_tariff,
            "members": [world.economies[i] for i in resolver.index(bloc.members)],
        }
        for name, bloc in blocs.items()
    ]
    changed = bool(np.any(policy.iceberg != 1.0) or np.any(policy.tariff != world.tariff.values))
    return {"blocs": shown, "notes": list(policy.notes), "changes_anything": changed}
