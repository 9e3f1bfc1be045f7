"""What people do with decisions and cases; sending and how a call ended are `outreach.actions`."""

from tenor.platform.decisions.actions.care import look_after
from tenor.platform.decisions.actions.cases import give_owners, lay_out
from tenor.platform.decisions.actions.change import change
from tenor.platform.decisions.actions.plan import (
    Outcome,
    approve,
    flag,
    hold,
    release,
    review,
    take_back,
    veto,
)
from tenor.platform.decisions.actions.worklist import claim, claim_next, give_back, see_signal

__all__ = [
    "Outcome",
    "approve",
    "change",
    "claim",
    "claim_next",
    "flag",
    "give_back",
    "give_owners",
    "hold",
    "lay_out",
    "look_after",
    "release",
    "review",
    "see_signal",
    "take_back",
    "veto",
]
