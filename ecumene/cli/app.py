"""The root: what each command is about, and where it is found when somebody asks for it."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

import ecumene

COMMANDS: Final = {
    "compare": (
        "compare",
        "Compare orders: change of real income for the world, and who loses and gains most.",
    ),
    "run": (
        "compare",
        "Run one order: real income of the world, and the main numbers of the economies it moves most.",
    ),
    "drivers": (
        "drivers",
        "What the range of an order's numbers comes from: shares of variance by parameter, and exact local slopes.",
    ),
    "structures": (
        "structures",
        "One order under other structures of the model, and on two worlds: where the sign depends on the model.",
    ),
    "tariffs": (
        "tariffs",
        "Tariffs that players choose for themselves: one alone, the others in kind, and Nash, each with its proof.",
    ),
    "new": ("orders", "Start an order of your own from a commented preset."),
    "check": ("orders", "Check orders and report every problem with its place and remedy."),
    "schema": ("orders", "Print the JSON Schema of order files, for editors."),
    "plan": (
        "plan",
        "Plan one economy: what it could make and consume with less of its imports, and what stands in its way.",
    ),
    "plan-frontiers": (
        "plan_frontiers",
        "The living standard of many economies at import cuts of 0 to 100 percent, each planned by itself.",
    ),
    "plan-precision": (
        "plan_precision",
        "How precise a plan is: what is short and in surplus if it is made from an old or mismeasured table.",
    ),
    "shocks": ("shocks", "List the shocks that `--shocks` knows; name files of your own to check them."),
    "align": (
        "align",
        "Which bloc each economy would choose under stated weights: a model's choices, no forecast and no advice.",
    ),
    "evolve": (
        "evolve",
        "Follow a scenario over years: a change of order, fast or slow, and countries that revise what they choose.",
    ),
    "evidence": (
        "evidence",
        "Put claims about world orders to experiments: verdicts by rules that were fixed before, ranges, and a page.",
    ),
    "nations": (
        "nations",
        "What one state gives each of its parts, as trade across borders gets cheaper or dearer.",
    ),
    "sovereignty": (
        "sovereignty",
        "How dependent economies are, and on whom: a vector of measures, never one number unless asked.",
    ),
    "sweep": (
        "sweep",
        "Solve many cases, worlds x orders x shocks x parameters, on one machine or a cluster; stop and resume.",
    ),
    "reproduce": ("reproduce", "Make a saved result or a sweep again from what it carries, and compare."),
    "report": (
        "report",
        "Write a saved result as one HTML page with maps, ranges and reasons; it opens without a network.",
    ),
    "serve": (
        "serve",
        "Serve the app and its API to this machine; elsewhere only with a token.",
    ),
    "data": ("data", "Published tables: list, fetch, show, check, build."),
}
"""Module of `ecumene.cli` and first words of help of every command, in the order of help. The module's name of the
command (with _ for -) is its function, or its own group."""


class Commands(TyperGroup):
    """Commands that are imported and built when they are called: help stays quick however many there are."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, (_, about) in COMMANDS.items():
            self.add_command(TyperCommand(name, help=about), name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The name, the whole command, and its arguments."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, found if name is None else built(name), rest


def built(name: str) -> Any:
    """The command of a name, with its options."""
    found = getattr(import_module(f"ecumene.cli.{COMMANDS[name][0]}"), name.replace("-", "_"))
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(name)(found)
        found = alone
    return typer.main.get_command(found)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ecumene {ecumene.__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="An open laboratory for world orders: what each does to every economy's real income.",
)


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """An open laboratory for world orders: what each does to every economy's real income."""
