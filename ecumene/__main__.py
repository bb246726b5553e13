"""`python -m ecumene` is `ecumene`."""

from __future__ import annotations

import sys

from ecumene.cli import main

sys.exit(main())
