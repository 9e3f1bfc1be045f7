"""What is in force, what was, and what waits for somebody's word."""

import difflib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from django.conf import settings

from tenor.engine.policy.policyfile import SECTIONS, Policy, parse_policy
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Job, Organisation
from tenor.platform.governance.law import law_of as law_of
from tenor.platform.governance.law import pack_for as pack_for
from tenor.platform.governance.models import PolicyVersion, PredictorVersion, SegmentStrategy


def live_policy_version(organisation: Organisation) -> PolicyVersion | None:
    """Return the rules in force, or nothing where none were ever approved."""
    live = PolicyVersion.State.LIVE
    found: PolicyVersion | None = PolicyVersion.objects.of(organisation).filter(state=live).first()
    return found


def live_predictor(organisation: Organisation) -> PredictorVersion | None:
    """Return the predictor in force, or nothing where none was good enough yet."""
    live = PredictorVersion.State.LIVE
    found: PredictorVersion | None = (
        PredictorVersion.objects.of(organisation).filter(state=live).first()
    )
    return found


def versions(organisation: Organisation) -> list[PolicyVersion]:
    """Return every version of the rules, the newest first."""
    rows = PolicyVersion.objects.of(organisation).select_related("drafted_by", "decided_by")
    return list(rows.order_by("-number"))


def version_numbered(actor: Actor, number: int) -> PolicyVersion:
    """Return the version of the rules with this number, or refuse."""
    found: PolicyVersion = row_for(
        actor, PolicyVersion, number=number, related=("drafted_by", "decided_by")
    )
    return found


def draft_of(actor: Actor) -> PolicyVersion | None:
    """Return what this person is drafting, the newest first."""
    draft = PolicyVersion.State.DRAFT
    found: PolicyVersion | None = (
        PolicyVersion.objects.of(actor.organisation)
        .filter(state=draft, drafted_by_id=actor.user_id)
        .order_by("-number")
        .first()
    )
    return found


def waiting(organisation: Organisation) -> list[PolicyVersion]:
    """Return the versions that wait for somebody else's approval, the oldest first."""
    submitted = PolicyVersion.State.SUBMITTED
    rows = PolicyVersion.objects.of(organisation).filter(state=submitted)
    return list(rows.select_related("drafted_by").order_by("submitted_at"))


def predictors(organisation: Organisation) -> list[PredictorVersion]:
    """Return every predictor that was fitted, the newest first."""
    return list(PredictorVersion.objects.of(organisation).order_by("-facts_until", "-pk"))


def strategies(organisation: Organisation) -> dict[str, SegmentStrategy]:
    """Return what differs for a segment, by the segment's name."""
    rows = SegmentStrategy.objects.of(organisation)
    return {row.segment: row for row in rows}


def folder_of(version: PredictorVersion) -> Path:
    """Return the folder that the engine reads this predictor from."""
    return Path(settings.DATA) / version.folder


def policy_of(version: PolicyVersion) -> Policy:
    """Read the rules of a version as the engine uses them."""
    return parse_policy(version.text, source=f"rules {version.number}")


@dataclass(frozen=True)
class Line:
    """A line of a comparison: "same", "gone" or "new", with its number before and after."""

    kind: str
    text: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Change:
    """A key whose value differs between two versions; nothing where the key is not there."""

    key: str
    before: Any
    after: Any


def text_difference(before: str, after: str) -> list[Line]:
    """Compare two policy texts line by line."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            lines += [Line("same", old[i + n], i + n + 1, j + n + 1) for n in range(i_end - i)]
            continue
        lines += [Line("gone", old[n], n + 1, None) for n in range(i, i_end)]
        lines += [Line("new", new[n], None, n + 1) for n in range(j, j_end)]
    return lines


def value_difference(before: Policy, after: Policy) -> list[Change]:
    """Compare two policies value by value, whatever their notation and comments."""
    old, new = _flat(before), _flat(after)
    return [
        Change(key, old.get(key), new.get(key))
        for key in [*old, *(k for k in new if k not in old)]
        if old.get(key) != new.get(key)
    ]


def _flat(policy: Policy) -> dict[str, Any]:
    """Return every value under the key that names it: "limits.min_days_between"."""
    parts = {name: getattr(policy, name) for name in SECTIONS}
    parts |= {f"channels.{channel.name}": channel for channel in policy.channels}
    return {
        f"{place}.{key.name}": getattr(part, key.name)
        for place, part in parts.items()
        for key in fields(part)
        if key.metadata
    }


def work_under_way(organisation: Organisation, kind: str, **about: Any) -> Job | None:
    """Return the newest job of this kind that was put down for these things, done or not."""
    named = {f"payload__{name}": value for name, value in about.items()}
    rows = Job.objects.filter(organisation=organisation, kind=kind, **named)
    return rows.order_by("-pk").first()
