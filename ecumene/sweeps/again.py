"""A sweep made ready again from its folder alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecumene.errors import InputError
from ecumene.orders import Order
from ecumene.shocks import Shock
from ecumene.sweeps.answer import Ready, made_ready
from ecumene.sweeps.schema import SweepFile
from ecumene.world import World


def made_again(folder: Path, manifest: Mapping[str, Any]) -> Ready:
    """The sweep that a folder carries: its file, orders and shocks from the manifest, its worlds from beside it.

    Errors: InputError where the manifest is damaged, or a world is not the one that the sweep was made with.
    """
    try:
        file = SweepFile.model_validate(manifest["sweep"])
        orders = [Order.model_validate(each["order"]) for each in manifest["orders"]]
        shocks = [
            None if each is None else Shock.model_validate(each["shock"]) for each in manifest["shocks"]
        ]
        places = [(folder / each["file"], str(each["hash"])) for each in manifest["worlds"]]
    except (KeyError, TypeError, ValueError) as error:  # pydantic's own errors are among these
        raise InputError(f"the manifest in {folder} is damaged ({' '.join(str(error).split())})") from error
    worlds = []
    for path, expected in places:
        world = World.load(path)
        if world.hash != expected:
            raise InputError(
                f"{path} is not the world that the sweep was made with; put the right one in its place"
            )
        worlds.append(world)
    return made_ready(file, worlds, orders, shocks, None, None)
