"""Archives of arrays that may be damaged: what reading one raises."""

from __future__ import annotations

import zipfile
import zlib

DAMAGED_ARCHIVE = (OSError, EOFError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What reading a truncated, overwritten or foreign archive raises: RuntimeError is zipfile's word for a member that
seems encrypted or packed by an unknown method, KeyError for one that its directory does not hold."""
