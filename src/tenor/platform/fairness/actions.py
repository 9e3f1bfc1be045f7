"""Make and keep audits of fairness, and take a person's answer to what they found."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.errors import InputError
from tenor.engine.fairness.audit import Audit, sentence
from tenor.engine.fairness.examine import Examination
from tenor.engine.fairness.groups import words_of
from tenor.engine.fairness.judging import MONTHLY, asked_for
from tenor.engine.fairness.price import price
from tenor.engine.frames import Tables
from tenor.engine.reports.fairness import fairness_json, plain_figures, price_json
from tenor.platform.core import audit, clock, jobs
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Job, Organisation
from tenor.platform.core.roles import Right
from tenor.platform.decisions.runs.signals import Noticed, notice_now
from tenor.platform.fairness import examining, queries
from tenor.platform.fairness.examining import Report, Way
from tenor.platform.fairness.models import FairnessAudit, Finding
from tenor.platform.governance.fitting import HELD_BACK
from tenor.platform.governance.models import PolicyVersion, PredictorVersion

Occasion, Answer, Place = FairnessAudit.Occasion, Finding.Answer, Finding.Place
_LONGEST = 500


def request_audit(actor: Actor) -> Job:
    """Have how groups are treated examined now, in the background."""
    actor.need(Right.ANALYSE)
    now = clock.now(actor.organisation)
    job = jobs.put(
        "fairness",
        key=f"fairness:{actor.organisation.pk}:{now.isoformat()[:16]}",
        organisation=actor.organisation,
        turn=now.isoformat(timespec="minutes"),
    )
    audit.record(actor, "fairness.request", f"organisation:{actor.organisation.slug}")
    return job


def request_price(actor: Actor) -> Job:
    """Have it worked out what judging by behaviour alone costs, in the background."""
    actor.need(Right.ANALYSE)
    now = clock.now(actor.organisation)
    job = jobs.put(
        "fairness_price",
        key=f"fairness_price:{actor.organisation.pk}:{now.isoformat()[:16]}",
        organisation=actor.organisation,
    )
    audit.record(actor, "fairness.request_price", f"organisation:{actor.organisation.slug}")
    return job


def work_out_price(
    actor: Actor, *, tables: Tables, report: Callable[[str, float], None] | None = None
) -> FairnessAudit | None:
    """Learn both ways without the last sixty days, and keep with the latest audit what it costs.

    Where too little happened since to compare by, the reason is kept instead.
    """
    actor.need(Right.ANALYSE)
    organisation = actor.organisation
    row = queries.latest(organisation)
    if row is None:
        return None
    way = examining.way_now(organisation)
    then = clock.now(organisation) - HELD_BACK
    try:
        found = price_json(price(tables, as_of=then, policy=way.rules, report=report))
    except InputError as error:
        found = {"why_not": str(error)}
    row.figures = {**row.figures, "behaviour_only": plain_figures(found)}
    row.save(update_fields=["figures"])
    audit.record(actor, "fairness.price", f"fairness:{row.pk}")
    return row


def examine_now(
    actor: Actor, *, turn: str, occasion: str = Occasion.MONTH, report: Report | None = None
) -> FairnessAudit | None:
    """Examine what was decided in the past month, once a turn; nothing where nothing decides."""
    actor.need(Right.ANALYSE)
    organisation = actor.organisation
    kept = _kept(organisation, occasion, turn)
    if kept is not None:
        return kept
    way = examining.way_now(organisation)
    # A year's examinations share one chance of a false alarm, those that were asked for too.
    looks = MONTHLY
    if occasion == Occasion.ASKED:
        looks = asked_for(queries.asked_lately(organisation) + 1)
    found = examining.examined(organisation, way, lately=True, looks=looks, report=report)
    if found is None:
        return None
    row = _keep(actor, found, way, occasion=occasion, turn=turn)
    _alarm(row)
    return row


def examine_candidate(
    actor: Actor,
    *,
    turn: str,
    predictor: PredictorVersion | None,
    policy: PolicyVersion | None,
    tables: Tables | None = None,
    report: Report | None = None,
) -> FairnessAudit | None:
    """Examine what a candidate would decide about everybody now; made again, it replaces.

    `tables` are the organisation's facts where they are at hand (without protected columns).
    """
    actor.need(Right.ANALYSE)
    organisation = actor.organisation
    way = examining.way_of(organisation, predictor, policy)
    found = examining.examined(organisation, way, tables=tables, report=report)
    if found is None:
        return None
    with transaction.atomic():
        rows = FairnessAudit.objects.of(organisation)
        rows.filter(occasion=Occasion.RELEASE, turn=turn).delete()
        return _keep(actor, found, way, occasion=Occasion.RELEASE, turn=turn)


def answer_finding(actor: Actor, *, number: int, answer: str, because: str) -> Finding:
    """Take a person's answer: there is a lawful reason for it, or it is to be mended, and how."""
    actor.need(Right.PRIVACY)
    because = because.strip()
    if answer not in (Answer.ACCEPTED, Answer.MEND):
        raise Invalid(_("Choose whether it is accepted or to be mended."), field="answer")
    if not because or len(because) > _LONGEST:
        raise Invalid(
            _("Say why in at most 500 characters: an auditor will read it."), field="because"
        )
    with transaction.atomic():
        row: Finding = row_for(actor, Finding, pk=number, lock=True)
        before = {"answer": row.answer, "because": row.because}
        row.answer, row.because = answer, because
        row.answered_at = clock.now(actor.organisation)
        row.answered_by_id, row.answered_by_name = actor.user_id, actor.name
        row.save()
        audit.record(
            actor, "fairness.answer", f"finding:{row.pk}", before=before,
            after={"answer": answer, "because": because, "found": row.key},
        )  # fmt: skip
    return row


def _kept(organisation: Organisation, occasion: str, turn: str) -> FairnessAudit | None:
    rows = FairnessAudit.objects.of(organisation)
    found: FairnessAudit | None = rows.filter(occasion=occasion, turn=turn).first()
    return found


def _keep(actor: Actor, found: Examination, way: Way, *, occasion: str, turn: str) -> FairnessAudit:
    organisation = actor.organisation
    with transaction.atomic():
        row: FairnessAudit = FairnessAudit.objects.of(organisation).create(
            occasion=occasion, turn=turn, as_of=found.audit.as_of, predictor=way.predictor,
            made_at=clock.now(organisation), policy=way.policy, passes=found.passes,
            figures=fairness_json(found),
        )  # fmt: skip
        Finding.objects.of(organisation).bulk_create(_findings(row, found))
        audit.record(
            actor, "fairness.examine", f"fairness:{row.pk}",
            after={"occasion": occasion, "turn": turn, "passes": row.passes},
        )  # fmt: skip
    return row


def _findings(row: FairnessAudit, found: Examination) -> list[Finding]:
    """Return what was found, each with the answer of before where one still holds."""
    before = queries.answered(row.organisation)
    told = [*_uneven(Place.TREATMENT, found.audit), *_uneven(Place.HISTORY, found.history)]
    for s in found.swapped:
        facts = {"column": s.column, "words": words_of(s.column), "changed": s.changed,
                 "pairs": s.pairs, "limit": s.limit}  # fmt: skip
        told.append((Place.SWAP, f"{Place.SWAP}:{s.column}", facts))
    findings = []
    for place, key, facts in told:
        finding = Finding(audit=row, place=place, key=key[:300], facts=facts)
        earlier = before.get(finding.key)
        # What was to be mended and is there again asks for an answer anew.
        if earlier is not None and earlier.answer == Answer.ACCEPTED:
            for name in ("answer", "because", "answered_at", "answered_by_id", "answered_by_name"):
                setattr(finding, name, getattr(earlier, name))
        findings.append(finding)
    return findings


def _uneven(place: str, found: Audit) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (
            place,
            f"{place}:{c.attribute}:{c.group}:{c.measure.column}",
            {
                "attribute": c.attribute, "group": c.group, "measure": c.measure.column,
                "rate": c.contrast.rate if c.contrast else None,
                "alike": c.contrast.alike if c.contrast else None, "text": sentence(c),
            },
        )
        for c in found.named
    ]  # fmt: skip


def _alarm(row: FairnessAudit) -> None:
    """Tell a manager of what nobody has answered yet."""
    rows = Finding.objects.of(row.organisation_id).filter(audit=row, answer=Answer.OPEN)
    found = [f.place for f in rows]
    if found:
        grave = any(place != Place.HISTORY for place in found)
        notice_now(
            row.organisation,
            Noticed("fairness", "danger" if grave else "warn", {"count": len(found)}),
        )
