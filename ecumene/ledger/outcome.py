"""What the ledger returns: the verdict of every claim, the numbers under it, and what was skipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
import pandas as pd

from ecumene.ledger.rule import Numbers, shares
from ecumene.ledger.schema import Claim, Verdict

LOW, HIGH = 5.0, 95.0
"""Percentiles of the range over draws."""


@final
@dataclass(frozen=True, eq=False)
class Finding:
    """A claim and its verdict: of the whole, of every question; draws of every measure by world and structure."""

    claim: Claim
    verdict: Verdict
    questions: Mapping[str, Verdict]
    numbers: Numbers
    skipped: tuple[str, ...]


@final
@dataclass(frozen=True, eq=False)
class Ledger:
    """Findings, and of what: worlds with their notes, number of draws, seed."""

    findings: tuple[Finding, ...]
    worlds: Mapping[str, tuple[str, ...]]
    draws: int
    seed: int

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict of every claim, by its name."""
        return {finding.claim.name: finding.verdict for finding in self.findings}

    def to_frame(self) -> pd.DataFrame:
        """Tidy rows: claim, question, world, structure, median and 5 to 95 % of draws, shares on either side."""
        rows = []
        for finding in self.findings:
            for question in finding.claim.questions:
                for (world, structure), values in finding.numbers.get(question.measure or "", {}).items():
                    found = shares(question, values)
                    known = values[np.isfinite(values)]
                    low, mid, high = np.percentile(known, [LOW, 50, HIGH]) if len(known) else [np.nan] * 3
                    rows.append(
                        {
                            "claim": finding.claim.number,
                            "name": finding.claim.name,
                            "question": question.name,
                            "measure": question.measure,
                            "unit": question.unit,
                            "world": world,
                            "structure": structure,
                            "median": mid,
                            "low": low,
                            "high": high,
                            "supports": found.supports,
                            "contradicts": found.contradicts,
                            "known": found.known,
                            "verdict": finding.questions.get(question.name, ""),
                            "claim_verdict": finding.verdict,
                        }
                    )
        return pd.DataFrame(rows)
