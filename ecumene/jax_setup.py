"""The one place where JAX is configured: double precision, one thread a program, the persistent compilation cache.

Import this module before the first array is made (`from ecumene import jax_setup  # noqa: F401`).
The cache lies in the user's cache folder, or in `ECUMENE_CACHE` where that is set. `CACHE` is its path,
or None where no folder can be written; then every process compiles anew and `CACHE_NOTE` says why.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import jax
import platformdirs


def _cache_folder() -> tuple[Path | None, str]:
    """The folder for compiled programs and a note: empty, or why there is none."""
    root = os.environ.get("ECUMENE_CACHE") or platformdirs.user_cache_dir("ecumene")
    folder = Path(root) / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return None, f"no compilation cache: {folder} cannot be written ({error.strerror or error})"
    return folder, ""


# One thread a program, run by the thread that calls it; many cases run side by side instead. Compiled programs must not
# call LAPACK (`jnp.linalg`): in jaxlib 0.10 its batched kernels wait for the pool of threads from inside the pool and
# deadlock on few cores. Such systems are solved by NumPy, outside.
_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false"
if "xla_cpu_multi_thread_eigen" not in os.environ.get("XLA_FLAGS", ""):
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_ONE_THREAD}".strip()

CACHE, CACHE_NOTE = _cache_folder()

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_enable_async_dispatch", False)
if CACHE is not None:
    jax.config.update("jax_compilation_cache_dir", str(CACHE))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def beside(name: str) -> Path | None:
    """The folder of this name beside the compiled programs, where results are kept; None where none can be written."""
    return None if CACHE is None else CACHE.parent / name
