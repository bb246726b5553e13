"""Formulas become MathML when the site is built, so that no page loads a script to show them."""

from __future__ import annotations

import html
import re
from typing import Any

from latex2mathml.converter import convert
from mkdocs.exceptions import PluginError

INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.S)
BLOCK = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.S)


def on_page_content(content: str, page: Any, **_: Any) -> str:
    """Replace what the arithmatex extension marked; a formula that cannot be read fails the build."""

    def mathml(found: re.Match[str], display: str) -> str:
        formula = html.unescape(found[1]).strip()
        try:
            shown = convert(formula, display=display)
        except Exception as error:
            raise PluginError(
                f"a formula in {page.file.src_uri} cannot be read: {formula} ({error})"
            ) from error
        if "\\" in shown or "&#x0005C;" in shown:  # an unknown command passes through as text
            raise PluginError(f"a formula in {page.file.src_uri} has an unknown command: {formula}")
        return shown

    content = BLOCK.sub(lambda found: f'<div class="formula">{mathml(found, "block")}</div>', content)
    content = INLINE.sub(lambda found: mathml(found, "inline"), content)
    bare = re.search(r"<p>\[ .*\\\w+", content)  # a displayed formula needs a paragraph of its own
    if bare or 'class="arithmatex"' in content:
        raise PluginError(f"{page.file.src_uri} has a formula that was not recognised: {bare and bare[0]}")
    return content
