"""What can be done with experiments: draft, decide, run, stop, and take people in."""

from tenor.platform.experiments.actions.adopting import adopt
from tenor.platform.experiments.actions.canary import begin_canary, widen
from tenor.platform.experiments.actions.drafting import (
    ArmDraft,
    Draft,
    Factor,
    Level,
    checked,
    draft_experiment,
    withdraw,
)
from tenor.platform.experiments.actions.ending import finish, stop, stop_arm
from tenor.platform.experiments.actions.life import approve, reject, start, submit
from tenor.platform.experiments.actions.taking import keep_look, take_in

__all__ = [
    "ArmDraft",
    "Draft",
    "Factor",
    "Level",
    "adopt",
    "approve",
    "begin_canary",
    "checked",
    "draft_experiment",
    "finish",
    "keep_look",
    "reject",
    "start",
    "stop",
    "stop_arm",
    "submit",
    "take_in",
    "widen",
    "withdraw",
]
