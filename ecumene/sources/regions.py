"""Codes of economies as the sources write them, to ISO 3166 alpha-3 and named aggregates."""

from __future__ import annotations

from ecumene.errors import SourceError

_PAIRS = """
AL:ALB AR:ARG AT:AUT AU:AUS BE:BEL BG:BGR BR:BRA CA:CAN CH:CHE CN:CHN CY:CYP CZ:CZE DE:DEU DK:DNK EE:EST
EL:GRC ES:ESP FI:FIN FR:FRA GB:GBR GR:GRC HR:HRV HU:HUN ID:IDN IE:IRL IL:ISR IN:IND IS:ISL IT:ITA JP:JPN
KR:KOR LT:LTU LU:LUX LV:LVA ME:MNE MK:MKD MT:MLT MX:MEX NL:NLD NO:NOR NZ:NZL PL:POL PT:PRT RO:ROU RS:SRB
RU:RUS SA:SAU SE:SWE SG:SGP SI:SVN SK:SVK TH:THA TR:TUR TW:TWN UA:UKR UK:GBR US:USA VN:VNM ZA:ZAF
"""

_ISO2_TO_ISO3 = {pair[:2]: pair[3:] for pair in _PAIRS.split()}

_AGGREGATES = {
    "ROW": "ROW", "FIGW1": "ROW",
    "WA": "ROW_ASIA", "WL": "ROW_AMERICA", "WE": "ROW_EUROPE", "WF": "ROW_AFRICA", "WM": "ROW_MIDDLE_EAST",
    "WWA": "ROW_ASIA", "WWL": "ROW_AMERICA", "WWE": "ROW_EUROPE", "WWF": "ROW_AFRICA",
    "WWM": "ROW_MIDDLE_EAST",
}  # fmt: skip

_OLD = {"ROM": "ROU"}


def iso3(code: str, source: str) -> str:
    """The economy's code in Ecumene: ISO 3166 alpha-3, or `ROW` and named rests of a continent.

    `RoW`, `FIGW1` and EXIOBASE's `WA, WL, WE, WF, WM` are aggregates; `ROM` is Romania's old code.
    Errors: SourceError naming the code and the source.
    """
    given = code.strip()
    upper = given.upper()
    if upper in _AGGREGATES:
        return _AGGREGATES[upper]
    if upper in _OLD:
        return _OLD[upper]
    if upper in _ISO2_TO_ISO3:
        return _ISO2_TO_ISO3[upper]
    if len(upper) == 3 and upper.isalpha():
        return upper
    raise SourceError(
        f"{source} has an unknown economy code '{given}'; "
        "expected ISO 3166 codes or the source's own aggregates"
    )
