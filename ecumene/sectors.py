"""Broad kinds of sectors: what the codes of every known classification stand for, so that one table serves all.

Kinds are those of the trade elasticities (`elasticities.TABLE`), with services told apart: utilities, construction,
trade, hotels, transport, telecom, finance, real_estate, business, government, education, health, personal, households.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ecumene import elasticities

_SERVICES_WIOD = {
    "c17": "utilities", "c18": "construction", "c19": "trade", "c20": "trade", "c21": "trade", "c22": "hotels",
    "c23": "transport", "c24": "transport", "c25": "transport", "c26": "transport", "c27": "telecom",
    "c28": "finance", "c29": "real_estate", "c30": "business", "c31": "government", "c32": "education",
    "c33": "health", "c34": "personal", "c35": "households",
}  # fmt: skip

_SERVICES_ISIC = {
    "D": "utilities", "E": "utilities", "F": "construction", "G": "trade", "H": "transport", "I": "hotels",
    "J": "telecom business", "K": "finance", "L": "real_estate", "M": "business", "N": "business",
    "O": "government", "P": "education", "Q": "health", "R": "personal", "S": "personal", "T": "households",
    "U": "government",
}  # fmt: skip

_REFERENCE = {
    "agriculture": "agriculture", "energy_extraction": "mining", "other_mining": "mining", "food": "food",
    "textiles": "textile", "wood_paper": "wood paper", "refined_fuels": "petroleum", "chemicals": "chemicals plastic",
    "metals_minerals": "minerals basic_metals metal_products",
    "machinery_electronics": "machinery office electrical communication medical",
    "vehicles": "auto other_transport", "other_manufacturing": "other",
    "utilities_construction": "utilities construction", "trade_transport": "trade transport hotels",
    "business_services": "telecom finance real_estate business",
    "public_services": "government education health personal",
}  # fmt: skip

KINDS: Final = (
    *(kind for kind in elasticities.TABLE if kind != "services"),
    *dict.fromkeys(
        kind for kinds in (*_SERVICES_WIOD.values(), *_SERVICES_ISIC.values()) for kind in kinds.split()
    ),
)
"""Every kind, goods first."""


def kinds(sectors: Sequence[str]) -> tuple[tuple[str, ...], ...] | None:
    """Broad kinds that each sector spans; None for an unknown classification.

    Known: the reference world's sectors, WIOD 2013 (`c1` to `c35`), ISIC revision 4 and NACE revision 2.
    """
    if set(sectors) <= set(_REFERENCE):
        return tuple(tuple(_REFERENCE[code].split()) for code in sectors)
    broad = elasticities.classify(sectors)
    if broad is None:
        return None
    services = [_SERVICES_WIOD.get(code) or _SERVICES_ISIC.get(code[0]) for code in sectors]
    return tuple(
        tuple(service.split()) if keys == ("services",) and service else tuple(keys)
        for keys, service in zip(broad, services, strict=True)
    )
