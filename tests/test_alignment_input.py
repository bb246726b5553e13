"""Bad input to choices of blocs and the size of nations: one clear error each, before anything is solved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_world import make_world

from ecumene import given
from ecumene.alignment import evidence, positions, weights
from ecumene.alignment.answer import align
from ecumene.alignment.merging import merging, parting
from ecumene.alignment.store import Kept
from ecumene.errors import InputError, SourceError, WorldError
from ecumene.models.alignment import Weights
from ecumene.models.coalitions import Game, stability
from ecumene.models.farsight import farsighted
from ecumene.world import World

POLES = ["USA", "CHN", "RUS"]
CHOSEN = Weights(trade=1.0, heterogeneity=2.0, cost=5.0)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def refused(call: Callable[[], object], fragments: str | tuple[str, ...], kind: type = InputError) -> None:
    with pytest.raises(kind) as caught:
        call()
    for fragment in (fragments,) if isinstance(fragments, str) else fragments:
        assert fragment in str(caught.value)
    assert len(str(caught.value)) < 400


# align


@pytest.mark.parametrize(
    ("what", "fragments"),
    [
        ({"world": None}, ("world is None", "load_world")),
        ({"world": "reference"}, ("world is 'reference'", "give a World")),
        ({"poles": "USA,CHN"}, ("poles is 'USA,CHN'", "give a list, as ['USA', 'CHN', 'EU']")),
        ({"poles": None}, ("poles is None", "give a list")),
        ({"poles": 5.5}, ("poles is 5.5", "give a list")),
        ({"poles": True}, ("poles is True", "give a list")),
        ({"poles": 1}, ("1 poles are asked for", "from 2 to")),
        ({"poles": ["USA", 5]}, ("poles holds 5", "as text")),
        ({"poles": ["USA", " "]}, ("poles holds ' '", "as text")),
        ({"poles": ["USA"]}, ("poles has 1 name;", "two or more")),
        ({"poles": {"USA": 1, "CHN": 2}}, ("poles is {", "give a list")),
        ({"economies": "GEO"}, ("economies is 'GEO'", "or None for everybody else")),
        ({"economies": 7}, ("economies is 7", "give a list")),
        ({"economies": [None]}, ("economies holds None", "as text")),
        ({"depth": True}, ("depth is True", "from 1 to 6")),
        ({"depth": 3.5}, ("depth is 3.5", "whole number from 1 to 6")),
        ({"depth": "3"}, ("depth is '3'", "from 1 to 6")),
        ({"depth": None}, ("depth is None", "from 1 to 6")),
        ({"depth": {"USA": True}}, ("depth of USA is True", "from 1 to 6")),
        ({"depth": {"USA": "x"}}, ("depth of USA is 'x'", "from 1 to 6")),
        ({"depth": {5: 3}}, ("depth (its keys) holds 5", "as text")),
        ({"seed": True}, ("seed is True", "whole number")),
        ({"seed": -1}, ("seed is -1", "0 or above")),
        ({"seed": 1.5}, ("seed is 1.5", "whole number")),
        ({"seed": "x"}, ("seed is 'x'", "whole number")),
        ({"starts": True}, ("starts is True", "0 for no search")),
        ({"starts": -1}, ("starts is -1", "0 for no search")),
        ({"core": "no"}, ("core is 'no'", "True or False")),
        ({"look_ahead": 1}, ("look_ahead is 1", "True or False")),
        ({"others": "leave"}, ("others is 'leave'", "'stay' or 'dissolve'")),
        ({"others": ["stay"]}, ("others is ['stay']", "'stay' or 'dissolve'")),
        ({"weights": 5}, ("weights is 5", "Weights(trade=1.0")),
        ({"weights": {"trade": 1.0}}, ("weights is {", "Weights(trade=1.0")),
        ({"weights": Weights(trade="x")}, ("the weight of trade is 'x'", "finite number")),  # pyright: ignore[reportArgumentType]
        ({"weights": Weights(trade=True)}, ("the weight of trade is True", "finite number")),
        ({"weights": Weights(cost=float("nan"))}, ("the weight of cost is nan", "finite number")),
        ({"weights": Weights(heterogeneity=1e300)}, ("the weight of heterogeneity", "at most a million")),
        ({"positions": 5}, ("not int 5",)),
        ({"rivals": 5}, ("rivals is 5", "or 'poles', or 'none'")),
        ({"rivals": [5]}, ("rivals holds 5", "as text")),
        ({"rivals": None}, ("rivals is None", "or 'none'")),
        ({"folder": 5}, ("not int 5",)),
        ({"workers": 0}, ("workers is 0",)),
    ],
)
def test_what_align_refuses(world: World, what: dict[str, Any], fragments: tuple[str, ...]) -> None:
    asked: dict[str, Any] = {
        "world": world,
        "poles": POLES,
        "economies": ["GEO"],
        "weights": CHOSEN,
        "starts": 0,
    }
    refused(lambda: align(**{**asked, **what}), fragments)


def test_a_folder_for_equilibria_may_be_a_text_and_is_no_file(world: World, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("here")
    refused(lambda: align(world, POLES, ["GEO"], weights=CHOSEN, folder=file), "a file; name a folder")
    align(world, POLES, ["GEO"], weights=CHOSEN, starts=0, folder=str(tmp_path / "kept"))
    assert len(list((tmp_path / "kept").glob("*.npz"))) == 1


def test_numbers_of_numpy_are_numbers(world: World) -> None:
    asked: dict[str, Any] = {"depth": np.int64(3), "starts": np.int64(0), "seed": np.int64(1)}
    poles: Any = np.array(POLES)
    found = align(world, poles, ("GEO",), weights=CHOSEN, **asked)
    assert found.provenance.seed == 1


# Nations


@pytest.mark.parametrize(
    ("what", "fragments"),
    [
        ({"world": None}, "world is None"),
        ({"members": "RUS,GEO"}, ("members is 'RUS,GEO'", "give a list, as ['RUS', 'BLR']")),
        ({"members": [1, 2]}, "members holds 1"),
        ({"costs": "0"}, ("costs is '0'", "percentages")),
        ({"costs": 5}, ("costs is 5", "percentages")),
        ({"costs": []}, "costs is empty"),
        ({"costs": ["0"]}, ("a number of costs is '0'", "percentages")),
        ({"costs": [True]}, "a number of costs is True"),
        ({"costs": [float("nan")]}, "a number of costs is nan"),
        ({"costs": [-100.0]}, ("a number of costs is -100.0", "above -100")),
        ({"costs": [1e300]}, "a number of costs is 1e+300"),
        ({"costs": [0.0, 0.0]}, ("costs names 0 twice", "once")),
        ({"rivals": "USA"}, ("rivals is 'USA'", "give a list")),
        ({"rivals": None}, "rivals is None"),
        ({"rivals": [5]}, "rivals holds 5"),
        ({"positions": 5}, "not int 5"),
    ],
)
def test_what_merging_refuses(world: World, what: dict[str, Any], fragments: str | tuple[str, ...]) -> None:
    refused(lambda: merging(**{"world": world, "members": ["RUS", "GEO"], **what}), fragments)


@pytest.mark.parametrize(
    ("what", "fragments"),
    [
        ({"economy": 5}, "the economy to divide is 5"),
        ({"economy": "EU"}, "EU is a union of several economies"),
        ({"parts": ["PART"]}, ("parts is ['PART']", "give a mapping")),
        ({"parts": {"EU": 0.2}}, ("the part EU has the name of a union", "new code")),
        ({"parts": {"European Union": 0.2}}, "has the name of a union"),
        ({"depth": 2.5}, "the depth of those who part is 2.5"),
        ({"costs": None}, "costs is None"),
        ({"rivals": "USA"}, "rivals is 'USA'"),
    ],
)
def test_what_parting_refuses(world: World, what: dict[str, Any], fragments: str | tuple[str, ...]) -> None:
    refused(lambda: parting(**{"world": world, "economy": "USA", "parts": {"PART": 0.2}, **what}), fragments)


def test_a_union_with_one_member_left_is_not_divided_in_silence() -> None:
    alone = make_world().select(["DEU", "USA", "CHN"], rest="ROW")
    refused(lambda: parting(alone, "EU", {"PART": 0.2}), "EU is a union")


@pytest.mark.parametrize(
    ("economy", "parts", "mixing", "fragments"),
    [
        (5, {"PART": 0.2}, 1.0, "the economy to divide is 5"),
        (None, {"PART": 0.2}, 1.0, "the economy to divide is None"),
        ("QQQ", {"PART": 0.2}, 1.0, "QQQ, is not in this world"),
        ("USA", None, 1.0, ("parts is None", "{'PART': 0.2}")),
        ("USA", ["PART"], 1.0, "parts is ['PART']"),
        ("USA", {5: 0.2}, 1.0, "holds 5"),
        ("USA", {"": 0.2}, 1.0, "holds ''"),
        ("USA", {" P": 0.2}, 1.0, "holds the code ' P'"),
        ("USA", {}, 1.0, "sum to 0"),
        ("USA", {"PART": "0.2"}, 1.0, ("the part PART is '0.2'", "above 0 and below 1")),
        ("USA", {"PART": True}, 1.0, "the part PART is True"),
        ("USA", {"PART": None}, 1.0, "the part PART is None"),
        ("USA", {"PART": float("nan")}, 1.0, "the part PART is nan"),
        ("USA", {"PART": float("inf")}, 1.0, "the part PART is inf"),
        ("USA", {"PART": 1e-300}, 1.0, ("the part PART is 1e-300", "at least 1e-06")),
        ("USA", {"A": 0.5, "B": 0.5 - 1e-9}, 1.0, "leave a rest"),
        ("USA", {"DEU": 0.2}, 1.0, ("has the code of an economy of this world", "new code")),
        ("USA", {"deu": 0.2}, 1.0, "has the code of an economy of this world"),
        ("USA", {"Germany": 0.2}, 1.0, "has the code of an economy of this world"),
        ("USA", {"ALL": 0.2}, 1.0, "stands for a group"),
        ("USA", {"rest": 0.2}, 1.0, "stands for a group"),
        ("USA", {"union:EU": 0.2}, 1.0, "stands for a group"),
        ("USA", {"A,B": 0.2}, 1.0, "stands for a group"),
        ("USA", {"PART": 0.2}, None, "mixing is None"),
        ("USA", {"PART": 0.2}, True, "mixing is True"),
        ("USA", {"PART": 0.2}, "1", "mixing is '1'"),
        ("USA", {"PART": 0.2}, float("nan"), "mixing is nan"),
        ("USA", {"PART": 0.2}, 0, "mixing is 0"),
        ("USA", {"PART": 0.2}, 1.01, "mixing is 1.01"),
    ],
)
def test_what_division_refuses(
    world: World, economy: Any, parts: Any, mixing: Any, fragments: str | tuple[str, ...]
) -> None:
    refused(lambda: world.divide(economy, parts, mixing), fragments, WorldError)


# Games


def asked(size: object, payoffs: object) -> None:
    """What a game checks of itself, without the checks of types that only tests have."""
    game = object.__new__(Game)
    for name, value in {"size": size, "payoffs": payoffs, "anchors": (), "others": "stay"}.items():
        object.__setattr__(game, name, value)
    game.__post_init__()


@pytest.mark.parametrize(
    ("make", "fragments"),
    [
        (lambda: asked(1.5, lambda p: np.zeros(1)), ("size is 1.5", "whole number of players")),
        (lambda: asked(True, lambda p: np.zeros(1)), "size is True"),
        (lambda: Game(0, lambda p: np.zeros(1)), "size is 0"),
        (lambda: asked(2, None), "payoffs is None"),
        (lambda: farsighted(Game(2, lambda p: np.full(2, np.nan))), ("(0, 0) are", "finite number for each")),
        (lambda: farsighted(Game(2, lambda p: np.array([1.0, np.inf]))), "finite number for each"),
        (lambda: farsighted(Game(2, lambda p: np.zeros(3))), "each of the 2 players"),
        (lambda: farsighted(Game(2, lambda p: np.array("ab"))), "array('ab'"),
        (lambda: stability(Game(2, lambda p: np.full(2, np.nan)), (0, 1)), "finite number for each"),
        (lambda: stability(Game(2, lambda p: np.zeros(2)), (0, 1, 1)), "3 labels for 2 players"),
        (lambda: Game(2, lambda p: np.zeros(2)).checked((0, True)), "a label of the partition is True"),
    ],
)
def test_what_games_refuse(make: Callable[[], object], fragments: str | tuple[str, ...]) -> None:
    refused(make, fragments)


# Files


def rewritten(file: Path, change: Callable[[dict[str, np.ndarray]], None]) -> None:
    with np.load(file) as held:
        arrays = dict(held)
    change(arrays)
    np.savez_compressed(file, **arrays)


def test_kept_equilibria_that_were_edited_are_not_trusted(world: World, tmp_path: Path) -> None:
    """A well-formed file whose numbers were changed counts as none; one that was only written anew is as good."""
    align(world, POLES, ["GEO"], weights=CHOSEN, starts=0, folder=tmp_path)
    (file,) = tmp_path.glob("*.npz")
    rewritten(file, lambda arrays: None)
    same = evidence.incomes_of(world)
    Kept(tmp_path, world.hash, same)
    assert same.known

    def richer(arrays: dict[str, np.ndarray]) -> None:
        arrays["incomes"] = arrays["incomes"] + 0.5

    rewritten(file, richer)
    edited = evidence.incomes_of(world)
    Kept(tmp_path, world.hash, edited)
    assert not edited.known


def test_positions_so_far_apart_that_they_overflow_are_refused(world: World, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    for cell in ("1e308", "-1e7", "inf"):
        file.write_text(f"economy,position\nDEU,0\nGEO,{cell}\n")
        refused(
            lambda: positions.from_file(world, file, 2019), (f"GEO is '{cell}'", "1,000,000"), SourceError
        )


# What is given


def test_names_numbers_and_choices_pass_as_they_are() -> None:
    assert given.names("x", ["A", "B"], "['A']") == ("A", "B")
    assert given.names("x", (each for each in "AB"), "['A']") == ("A", "B")
    assert given.whole("x", np.int32(5), 0, 9) == 5
    assert given.number("x", 1, 0.0, 1.0, "") == 1.0
    assert given.numbers("x", np.array([0.5, 1.0]), 0.0, 1.0, "") == (0.5, 1.0)
    assert given.flag("x", np.bool_(True)) is True


@pytest.mark.parametrize("value", [10**400, float("nan"), complex(1, 1), np.array([1.0]), b"1", [1]])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(InputError, match=re.escape("x is ")):
        given.number("x", value, 0.0, 1.0, "give a share")
    with pytest.raises(InputError, match=re.escape("x is ")):
        given.whole("x", value, 0, 9)


@pytest.mark.parametrize(
    "edit",
    [
        lambda held: held["memberships"]["weights"].__setitem__(0, 5.0),
        lambda held: held["memberships"]["names"].__setitem__(0, "commerce"),  # trade would be off in silence
        lambda held: held["hold_outs"][0]["model"].update(log_score=-0.01),
        lambda held: held.update(world_source="another"),
    ],
)
def test_weights_edited_by_hand_are_refused(
    edit: Callable[[Any], None], world: World, tmp_path: Path
) -> None:
    """What a result says of estimated weights would not be true of these."""
    held = json.loads((Path(weights.__file__).parent / "weights.json").read_text())
    held["world"] = world.hash
    held["digest"] = weights.digest(held)
    path = tmp_path / "w.json"
    path.write_text(json.dumps(held, indent=3))  # another layout is no change
    assert weights.read(path, world).estimated
    edit(held)
    path.write_text(json.dumps(held))
    with pytest.raises(InputError, match="changed after it was estimated"):
        weights.read(path, world)
