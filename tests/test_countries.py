"""The table of economies: lookup, aliases, suggestions, regions."""

from __future__ import annotations

import pytest

from ecumene import countries
from ecumene.errors import InputError


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(
            ("DEU", "DEU"),
            ("germany", "DEU"),
            ("Türkiye", "TUR"),
            ("turkey", "TUR"),
            ("Cote d'Ivoire", "CIV"),
        ),
        *(
            ("Korea", "KOR"),
            ("north korea", "PRK"),
            ("row", "ROW"),
            ("ROW_AFRICA", "ROW_AFRICA"),
            ("uk", "GBR"),
        ),
    ],
)
def test_codes_names_and_aliases_are_found(name: str, code: str) -> None:
    assert countries.code_of(name) == code


@pytest.mark.parametrize(("name", "hint"), [("Germny", "Germany (DEU)"), ("Braazil", "Brazil (BRA)")])
def test_unknown_names_suggest_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(InputError, match="unknown economy") as error:
        countries.code_of(name)
    assert hint in str(error.value)


def test_nonsense_says_what_to_use() -> None:
    assert "alpha-3" in countries.suggestion("qqqqqqqq")


def test_regions_partition_the_present_economies() -> None:
    continents = ["Africa", "Americas", "Asia", "Europe", "Oceania"]
    parts = [countries.regions()[c] for c in continents]
    assert sum(map(len, parts)) == len(frozenset().union(*parts))
    assert frozenset().union(*parts) == set(countries.countries()) - countries.FORMER


def test_every_united_nations_member_is_there() -> None:
    others = {
        "ABW",
        "BMU",
        "CYM",
        "CUW",
        "FRO",
        "PYF",
        "GIB",
        "GRL",
        "GUM",
        "HKG",
        "XKX",
        "MAC",
        "NCL",
        "PSE",
        "PRI",
    }
    others |= {"SXM", "TWN", "VAT", "VGB", "VIR", "ESH"}
    assert len(set(countries.countries()) - countries.FORMER - others) == 193
