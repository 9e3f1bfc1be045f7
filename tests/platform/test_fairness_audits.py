"""Audits of fairness are kept without small cells; what they find waits for a person's answer."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import lived
import make
import worlds
from cast import NOW, Cast
from fair_day import PEOPLE, a_day
from tenor.engine.frames import Tables
from tenor.platform.core.errors import Forbidden, Invalid
from tenor.platform.core.models import AuditEntry
from tenor.platform.core.preferences import change_preferences
from tenor.platform.decisions.models import Signal
from tenor.platform.fairness import actions, examining, queries
from tenor.platform.fairness.models import FairnessAudit, Finding
from tenor.platform.governance import fitting
from tenor.platform.ledger import protected
from tenor.platform.ledger.models import Customer
from tenor.platform.offers.models import Offer, OfferInvoice
from tenor.platform.offers.queries import plans_offered


def findings(cast: Cast) -> list[Finding]:
    return list(Finding.objects.of(cast.organisation))


def test_even_treatment_is_kept_as_passed_and_raises_nobody(cast: Cast) -> None:
    a_day(cast)
    row = actions.examine_now(cast.system, turn="2026-03")
    assert row is not None
    assert row.passes is not False and findings(cast) == []
    assert not Signal.objects.of(cast.organisation).exists()
    assert queries.latest(cast.organisation) == row


def test_a_group_that_is_pressed_is_found_told_and_waits_for_an_answer(cast: Cast) -> None:
    a_day(cast, pressed="elsewhere")
    row = actions.examine_now(cast.system, turn="2026-03")
    assert row is not None and row.passes is False
    pressed = next(f for f in findings(cast) if f.facts["measure"] == "pressed")
    assert pressed.facts["group"] == "elsewhere" and pressed.place == "treatment"
    assert "100.0 of 100 pressed" in pressed.facts["text"]
    # Where elsewhere meets another group it follows, and is not said again.
    assert not [f for f in findings(cast) if " & " in f.facts["attribute"]]
    signal = Signal.objects.of(cast.organisation).get()
    assert (signal.kind, signal.level) == ("fairness", "danger")
    assert queries.open_findings(cast.organisation) == len(findings(cast))


def test_whom_plans_were_offered_is_compared_whether_or_not_they_took_them(cast: Cast) -> None:
    a_day(cast)
    offers = Offer.objects.of(cast.organisation)
    made = NOW - timedelta(days=10)
    for n, customer in enumerate(Customer.objects.of(cast.organisation).order_by("key")):
        if n % 2:  # all from here, nobody from elsewhere
            offer = offers.create(
                customer=customer, kind="plan", currency="EUR", owed=100, asked=100, until=made,
                made_at=made, by="Tenor",
            )  # fmt: skip
            OfferInvoice.objects.of(cast.organisation).create(
                offer=offer, invoice=customer.invoices.get(), balance=100
            )
    # What waits for approval was not offered to anybody yet.
    assert plans_offered(cast.organisation) == []
    offers.update(state="sent", sent_at=made)
    assert len(plans_offered(cast.organisation)) == PEOPLE // 2
    actions.examine_now(cast.system, turn="2026-03")
    found = next(f for f in findings(cast) if f.facts["measure"] == "proposed")
    assert (found.place, found.facts["group"]) == ("history", "elsewhere")
    assert "0.0 of 100 offered a payment plan; of others who owe alike 100.0" in found.facts["text"]


def test_a_month_is_audited_once(cast: Cast) -> None:
    a_day(cast)
    first = actions.examine_now(cast.system, turn="2026-03")
    assert actions.examine_now(cast.system, turn="2026-03") == first
    assert FairnessAudit.objects.of(cast.organisation).count() == 1


def test_nine_people_leave_no_figure_in_what_is_kept(cast: Cast) -> None:
    a_day(cast)
    row = actions.examine_now(cast.system, turn="2026-03")
    assert row is not None
    cells = [c for c in row.figures["treatment"]["comparisons"] if c["group"] == "yes"]
    assert cells and all(c["verdict"] == "too few" for c in cells)
    assert not any({"rate", "contrast", "customers"} & set(c) for c in cells)


def test_an_answer_needs_the_right_and_a_reason_and_is_in_the_log(cast: Cast) -> None:
    a_day(cast, pressed="elsewhere")
    actions.examine_now(cast.system, turn="2026-03")
    number = findings(cast)[0].pk
    with pytest.raises(Forbidden):
        actions.answer_finding(cast.actor("analyst"), number=number, answer="mend", because="x")
    officer = cast.actor("compliance")
    for answer, because in (("mend", " "), ("", "because"), ("mend", "x" * 501)):
        with pytest.raises(Invalid):
            actions.answer_finding(officer, number=number, answer=answer, because=because)
    assert findings(cast)[0].answer == ""
    actions.answer_finding(officer, number=number, answer="mend", because="No letters by area")
    row = findings(cast)[0]
    assert (row.answer, row.because, row.answered_by_name) == (
        "mend", "No letters by area", officer.name
    )  # fmt: skip
    entry = AuditEntry.across.filter(action="fairness.answer").get()
    assert entry.after["because"] == "No letters by area"


def test_what_was_accepted_is_not_asked_again_and_what_was_to_be_mended_is(cast: Cast) -> None:
    a_day(cast, pressed="elsewhere")
    actions.examine_now(cast.system, turn="2026-03")
    officer = cast.actor("compliance")
    first, second = findings(cast)[:2]
    actions.answer_finding(officer, number=first.pk, answer="accepted", because="By law")
    actions.answer_finding(officer, number=second.pk, answer="mend", because="Rules 7")
    later = actions.examine_now(cast.system, turn="2026-04")
    assert later is not None
    by_key = {f.key: f for f in queries.findings(later)}
    assert (by_key[first.key].answer, by_key[first.key].because) == ("accepted", "By law")
    assert by_key[second.key].answer == ""


def test_compliance_names_further_groups_and_an_analyst_may_not(cast: Cast) -> None:
    a_day(cast)
    with pytest.raises(Forbidden):
        change_preferences(cast.actor("analyst"), fairness_groups=["area"])
    change_preferences(cast.actor("compliance"), fairness_groups=["area", "gone"])
    cast.organisation.refresh_from_db()
    compared = queries.compared(cast.organisation)
    assert compared.named == ("area",) and "language" in compared.others
    assert compared.protected == {"protected_origin": PEOPLE, "protected_rare": PEOPLE}
    row = actions.examine_now(cast.system, turn="2026-03")
    assert row is not None
    assert {"area", "protected_origin"} <= set(row.figures["treatment"]["known"])
    with pytest.raises(Forbidden):
        change_preferences(cast.actor("compliance"), behaviour_only=True, read_only=False)


def test_where_nothing_was_ever_decided_there_is_nothing_to_examine(cast: Cast) -> None:
    make.customer(cast, "C1")
    assert actions.examine_now(cast.system, turn="2026-03") is None
    assert actions.examine_candidate(
        cast.system, turn="release 1", predictor=None, policy=None
    ) is None  # fmt: skip


def test_people_without_the_right_see_no_audit(cast: Cast) -> None:
    a_day(cast)
    row = actions.examine_now(cast.system, turn="2026-03")
    assert row is not None
    with pytest.raises(Forbidden):
        queries.audit_for(cast.actor("agent"), row.pk)
    with pytest.raises(Forbidden):
        actions.examine_now(cast.actor("agent"), turn="2026-04")
    assert queries.latest(cast.other) is None


def test_what_is_kept_names_nobody(cast: Cast) -> None:
    a_day(cast, pressed="elsewhere")
    row = actions.examine_now(cast.system, turn="2026-03")
    assert row is not None
    kept = pl.DataFrame({"text": [str(row.figures), *(str(f.facts) for f in findings(cast))]})
    assert not kept["text"].str.contains(r"C\d{3}").any()


def test_the_gate_hears_that_people_decide_once_a_person_accepted_all_that_was_found(
    cast: Cast,
) -> None:
    a_day(cast, pressed="elsewhere")
    row = actions.examine_now(cast.system, turn="2026-03")
    assert row is not None
    assert queries.judged(row).passes is False
    officer = cast.actor("compliance")
    first, *others = findings(cast)
    for one in others:
        actions.answer_finding(officer, number=one.pk, answer="accepted", because="By law")
    assert queries.judged(row).passes is False
    actions.answer_finding(officer, number=first.pk, answer="mend", because="Rules 7")
    assert queries.judged(row).passes is False
    actions.answer_finding(officer, number=first.pk, answer="accepted", because="By law")
    assert queries.judged(row).passes is None
    history = queries.history_judged(cast.organisation)
    assert history is not None and history.passes is None


def test_a_month_has_its_turn_until_it_was_examined_and_none_where_nobody_can_be_compared(
    cast: Cast,
) -> None:
    assert queries.examining_turn(cast.organisation) == ""
    a_day(cast)
    assert queries.examining_turn(cast.organisation) == "2026-03-10"
    actions.examine_now(cast.system, turn="2026-03")
    assert queries.examining_turn(cast.organisation) == ""


def test_where_behaviour_alone_counts_no_recipe_learns_who_people_are(cast: Cast) -> None:
    then, tables = worlds.tiny()
    change_preferences(cast.actor("compliance"), behaviour_only=True)
    cast.organisation.refresh_from_db()
    found = fitting.rehearsed(cast.system, tables, then + timedelta(days=35), fitting.Taught())
    assert found is not None
    assert found[1].facts["behaviour_only"] is True


def test_a_candidate_is_examined_on_the_organisations_own_facts_and_made_again_it_replaces(
    cast: Cast, tables: Tables, as_of: datetime, model_folder: Path
) -> None:
    lived.keep(cast.organisation, tables, as_of)
    lived.put_in_force(cast.organisation, worlds.POLICY, model_folder)
    make.at(cast, as_of)
    people = Customer.objects.of(cast.organisation).filter(kind="consumer").order_by("key")
    numbers = list(people.values_list("pk", flat=True))
    protected.keep(
        cast.organisation,
        {pk: {"protected_sex": "fm"[n % 2]} for n, pk in enumerate(numbers)},
        source="test",
    )
    way = examining.way_now(cast.organisation)
    for _again in range(2):
        row = actions.examine_candidate(
            cast.system, turn="release 7", predictor=way.predictor, policy=way.policy
        )
        assert row is not None and row.predictor == way.predictor
    assert FairnessAudit.objects.of(cast.organisation).count() == 1
    assert queries.latest(cast.organisation) is None
    swapped = {s["column"]: s["changed"] for s in row.figures["swaps"]}
    assert swapped["protected_sex"] == 0
    told = [t for t in row.figures["told"] if t["attribute"] == "protected_sex"]
    assert told[0]["together"]["lower"] < 0.6
    assert set(row.figures["treatment"]["known"]) == {"protected_sex"}
