"""One tree of exceptions: every message names what, where and the remedy."""

from __future__ import annotations

SHOWN = 20
"""Problems of one kind that a message tells with their remedies; more are counted."""


class EcumeneError(Exception):
    """Root of every error that Ecumene raises on purpose."""


class InputError(EcumeneError):
    """Something the caller gave cannot be used; the command line exits with 2."""


class WorldError(InputError):
    """The data of a world break an accounting identity, a shape or a sign."""


class MissingLayerError(InputError):
    """A model needs a named layer that the world does not carry."""

    def __init__(self, layer: str, needed_by: str, remedy: str) -> None:
        super().__init__(f"{needed_by} needs the layer '{layer}', which this world lacks; {remedy}")
        self.layer = layer


class SourceError(InputError):
    """A file or address cannot be read as the format it claims."""


class OrderError(InputError):
    """An order's file or content is wrong; `problems` lists every one with its path."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        text = message if not problems else message + "\n" + "\n".join(f"  - {p}" for p in problems)
        super().__init__(text)
        self.problems = problems


class ShockError(OrderError):
    """A shock's file or content is wrong; `problems` lists every one with its path."""


class PlanError(OrderError):
    """The settings of a plan are wrong; `problems` lists every one with its path."""


class ScenarioError(OrderError):
    """A scenario's file or content is wrong; `problems` lists every one with its path."""


class SweepError(OrderError):
    """A sweep's file or content is wrong; `problems` lists every one with its path."""


class ClaimError(OrderError):
    """The file of a claim is wrong; `problems` lists every one with its path."""


class SolveError(EcumeneError):
    """A solve ended without an answer; the message carries cause and next step (exit code 1)."""


class OutputError(EcumeneError):
    """A result could not be written; nothing half written is left behind (exit code 1)."""
