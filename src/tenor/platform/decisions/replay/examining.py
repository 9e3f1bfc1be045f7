"""What came of deciding again, as a page shows it: at once, or kept by a worker for a large day."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from tenor.platform.core import clock, jobs
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Job
from tenor.platform.core.personal import plain
from tenor.platform.core.roles import Right
from tenor.platform.decisions.models import Decision, Examined
from tenor.platform.decisions.replay import again, keeping, material
from tenor.platform.decisions.replay.derivation import Alternative, Derivation, derivation
from tenor.platform.decisions.replay.finding import customers_of, decision_called
from tenor.platform.decisions.replay.kept import Gone

# Making a decision of a day's run again decides about everybody of that day: beyond so many a page
# would keep its reader waiting too long, and a worker does it.
MOST_CUSTOMERS = 20_000
KIND = "examine"
STEPS = ("facts", "again", "how")


@dataclass(frozen=True)
class Findings:
    """A decision made again: `again.Replay` and `derivation.Derivation` in words and numbers.

    `at` is the moment a worker found it; None where it was found just now.
    """

    same: bool | None
    causes: tuple[str, ...]
    differences: tuple[again.Difference, ...]
    told: Derivation | None
    at: datetime | None = None


def takes_a_worker(decision: Decision) -> bool:
    """Say whether a decision was made among so many that a page does not make it again."""
    run = material.days_facts(decision)
    return run is not None and bool(run.facts) and customers_of(run) > MOST_CUSTOMERS


def findings(decision: Decision) -> Findings:
    """Make a decision again, and say how it came about."""
    found = again.replay(decision)
    return Findings(found.same, found.causes, found.differences, derivation(decision))


def request(actor: Actor, key: str) -> Job:
    """Have a worker make a decision again; asking twice waits for the same answer."""
    decision = decision_called(actor, key)
    latest = last_job(decision)
    if latest is not None and latest.state == Job.State.WAITING:
        return latest
    # Named after the one before, so that two who ask at the same moment put down one job.
    name = f"{KIND}:{actor.organisation.pk}:{key}:{latest.pk if latest else 0}"
    return jobs.put(KIND, key=name, organisation=actor.organisation, decision=key)


def under_way(decision: Decision) -> Job | None:
    """Return the job that makes a decision again, if there is one that has not ended."""
    latest = last_job(decision)
    return latest if latest is not None and latest.state == Job.State.WAITING else None


def last_job(decision: Decision) -> Job | None:
    """Return the newest job that makes or made a decision again."""
    rows = Job.objects.filter(organisation=decision.organisation_id, kind=KIND)
    return rows.filter(payload__decision=decision.key).order_by("-pk").first()


def examine(actor: Actor, key: str, report: Callable[[str], None]) -> None:
    """Make a decision again and keep what came of it; `report` is told each step as it begins."""
    actor.need(Right.AUDIT)
    decision = decision_called(actor, key)
    try:
        report(STEPS[0])
        with suppress(Gone):  # said among what is found
            material.material_of(decision)
        report(STEPS[1])
        found = again.replay(decision)
        report(STEPS[2])
        told = derivation(decision)
    finally:
        # A large day is not kept in the worker's memory.
        again.let_go()
        material.let_go()
    kept = Findings(found.same, found.causes, found.differences, told)
    now = clock.now(actor.organisation)
    Examined.objects.of(actor.organisation).update_or_create(
        key=key,
        defaults={
            "customer_id": decision.customer_id,
            "at": now,
            "found": {"of": _stamp(decision), **_as_json(kept)},
        },
    )


def examined(decision: Decision) -> Findings | None:
    """Return what a worker found, if neither decision, facts nor software changed since."""
    rows = Examined.objects.of(decision.organisation_id)
    row: Examined | None = rows.filter(key=decision.key).first()
    if row is None or row.found["of"] != _stamp(decision):
        return None
    said = row.found
    told = said["told"]
    if told is not None:
        told = told | {
            "best": tuple(
                Alternative(**one | {"send_at": datetime.fromisoformat(one["send_at"])})
                for one in told["best"]
            ),
            "forbidden": tuple((rule, text, n) for rule, text, n in told["forbidden"]),
        }
    return Findings(
        said["same"],
        tuple(said["causes"]),
        tuple(again.Difference(**one) for one in said["differences"]),
        None if told is None else Derivation(**told),
        row.at,
    )


def _as_json(found: Findings) -> dict[str, Any]:
    said: dict[str, Any] = plain(asdict(found))
    del said["at"]
    return said


def _stamp(decision: Decision) -> str:
    """Return one word for all that the findings depend on and that may change."""
    run = decision.run
    told = [again.as_decided(decision), run.facts_digest if run else "", keeping.software()]
    text = json.dumps(told, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
