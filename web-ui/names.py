"""Names of countries in every language of the interface, from CLDR through Babel, as one JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from babel import Locale
from babel.core import get_global

LANGUAGES: Final = ("en", "de", "fr", "es", "ru", "zh", "ja")
OWN: Final = {"XKX": "XK", "ROM": "RO"}
"""Codes in use that CLDR does not list."""


def names() -> dict[str, dict[str, str]]:
    """Language -> alpha-3 code -> name; historical codes, which CLDR maps to successors, are left out."""
    aliases = get_global("territory_aliases")
    codes = {
        code: new[0] for code, new in aliases.items() if len(code) == 3 and code.isalpha() and len(new) == 1
    }
    territories = {language: Locale(language).territories for language in LANGUAGES}
    return {
        language: {code: known[short] for code, short in sorted({**codes, **OWN}.items()) if short in known}
        for language, known in territories.items()
    }


def main() -> None:
    path = Path(__file__).parent / "src" / "names.json"
    path.write_text(json.dumps(names(), ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
