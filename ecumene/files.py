"""Writing files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from ecumene.errors import OutputError


def write_atomically(path: str | os.PathLike[str], writer: Callable[[Path], None]) -> Path:
    """Let `writer` fill a temporary file beside `path`, then rename it into place.

    Nothing is left behind when `writer` fails or is interrupted. A full disk, a missing or a read-only
    folder becomes an OutputError that names the file; the suffix of `path` is kept on the temporary name.
    """
    target = Path(path)
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=target.suffix)
        os.close(handle)
        temporary = Path(name)
        writer(temporary)
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(target)
    except OSError as error:
        raise OutputError(
            f"cannot write {target}: {error.strerror or error}; "
            "choose a folder that is writable and has free space"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return target
