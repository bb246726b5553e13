"""`python -m ecumene` is `ecumene`."""

from __future__ import annotations

from ecumene.cli import entry

entry()
