"""Lines as the screens show them: what is proposed, what speaks for it, what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tenor.platform.banking import queries
from tenor.platform.core.models import Organisation
from tenor.platform.workbench.bank.words import (
    ASIDE,
    BASES,
    EVIDENCE,
    HINTS,
    MEANINGS,
    STATE_WORDS,
    WARNED,
    WHY,
)


@dataclass(frozen=True)
class Proposal:
    """A proposal and the words for what speaks for it."""

    found: Any
    why: Any
    signs: Sequence[Any]


@dataclass(frozen=True)
class Row:
    """A line, its proposals, and its state in words."""

    line: Any
    proposals: Sequence[Proposal]
    state: Any
    meaning: str
    why: Any
    hint: Any
    aside: Any
    warning: Any = ""

    @property
    def best(self) -> Proposal | None:
        """Return the surest proposal."""
        return self.proposals[0] if self.proposals else None

    @property
    def waits(self) -> bool:
        """Say whether somebody has to decide."""
        return self.line.state in ("waiting", "new")


def shown(organisation: Organisation, lines: Sequence[Any]) -> list[Row]:
    """Return lines with what is proposed for them."""
    found = queries.proposals_of(organisation, lines)
    return [_row(line, found[line.pk]) for line in lines]


def _row(line: Any, found: Sequence[Any]) -> Row:
    proposals = [
        Proposal(
            one,
            BASES.get(one.basis, ""),
            [EVIDENCE.get(code, code) for code in one.evidence if code != f"SAME_{one.basis}"],
        )
        for one in found
    ]
    return Row(
        line=line,
        proposals=proposals,
        state=STATE_WORDS.get(line.state, line.state),
        meaning=MEANINGS.get(line.state, ""),
        why=WHY.get(line.basis, "") if line.state == "waiting" else BASES.get(line.basis, ""),
        hint=HINTS.get(queries.hint_of(line), ""),
        aside=ASIDE.get(line.aside_as, ""),
        warning=WHY[line.basis] if line.state == "waiting" and line.basis in WARNED else "",
    )
