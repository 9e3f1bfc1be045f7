"""An organisation's own texts: one person drafts, another approves, and the newest one speaks."""

from typing import Any

import pytest
from django.core import mail

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.errors import Forbidden, Invalid, NotFound, Refused
from tenor.platform.core.models import AuditEntry
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.outreach.actions import send_test
from tenor.platform.outreach.models import Message
from tenor.platform.wording import actions, queries
from tenor.platform.wording.composing import compose
from tenor.platform.wording.draft import Draft, Form, Kind
from tenor.platform.wording.models import Template

PLACE = {"kind": "reminder", "form": "long", "tone": "friendly", "language": "nl"}
BODY = "Wij zijn het nog niet kwijt: {total}.\n\nBetaalt u voor {by}?\n\n---\n\nDank u wel."


@pytest.fixture
def house(cast: Cast) -> Cast:
    """Delta Water, which is owed 100 euros by C1."""
    plans.settle(cast, reply_email="geld@delta.example")
    make.invoice(cast, "F1", customer="C1")
    return cast


def drafted(cast: Cast, **values: Any) -> Template:
    usual = {**PLACE, "subject": "Een bericht van {organisation}", "body": BODY}
    return actions.draft(cast.actor("manager"), **{**usual, **values})


def said(cast: Cast) -> Draft:
    customer = Customer.objects.of(cast.organisation).get(key="C1")
    return compose(
        cast.organisation, customer, list(Invoice.objects.of(cast.organisation)),
        kind=Kind.REMINDER, tone="friendly", channel="email", at=NOW,
    )  # fmt: skip


def test_a_text_speaks_once_somebody_else_has_approved_it(house: Cast) -> None:
    row = drafted(house)
    actions.submit(house.actor("manager"), number=row.pk, note="warmer")
    assert said(house).version == "built-in"
    actions.approve(house.actor("compliance"), number=row.pk)
    draft = said(house)
    assert (draft.template, draft.version) == ("reminder/friendly", "1")
    assert draft.subject == "Een bericht van Delta Water"
    assert draft.paragraphs == (
        "Wij zijn het nog niet kwijt: €\u00a0100,00.", "Betaalt u voor 17 maart 2026?",
    )  # fmt: skip
    assert draft.after[0] == "Dank u wel."
    # What the law asks for and the text does not say stands beneath it.
    assert any("Kunt u niet alles in één keer betalen?" in text for text in draft.after)
    actions_taken = AuditEntry.objects.of(house.organisation).filter(
        subject="text:reminder/long/friendly/nl:1"
    )
    assert list(actions_taken.order_by("number").values_list("action", flat=True)) == [
        "text.draft", "text.submit", "text.approve"
    ]  # fmt: skip


def test_nobody_approves_what_they_submitted_themselves(house: Cast) -> None:
    row = actions.draft(house.actor("compliance"), **PLACE, subject="{organisation}", body=BODY)
    actions.submit(house.actor("compliance"), number=row.pk)
    with pytest.raises(Forbidden):
        actions.approve(house.actor("compliance"), number=row.pk)
    with pytest.raises(Forbidden):
        actions.approve(house.actor("manager"), number=row.pk)
    assert Template.objects.of(house.organisation).get().state == "submitted"


def test_a_text_with_a_fault_is_kept_as_a_draft_and_goes_no_further(house: Cast) -> None:
    row = drafted(house, body="Betaal {total}, anders komt de deurwaarder.")
    with pytest.raises(Invalid, match="Line 1, “deurwaarder”"):
        actions.submit(house.actor("manager"), number=row.pk)
    assert Template.objects.of(house.organisation).get().state == "draft"


def test_a_subject_that_tells_of_a_debt_goes_no_further(house: Cast) -> None:
    row = drafted(house, subject="Uw schuld bij {organisation}")
    with pytest.raises(Invalid, match="Others may see this"):
        actions.submit(house.actor("manager"), number=row.pk)


def test_a_notice_that_counts_its_term_otherwise_than_the_law_goes_no_further(house: Cast) -> None:
    body = "Wilt u {total} betalen voor {by}? Anders komen er kosten bij van {fee}."
    row = drafted(house, kind="notice", body=body)
    with pytest.raises(Invalid, match="how the law counts the term"):
        actions.submit(house.actor("manager"), number=row.pk)
    drafted(house, kind="notice", body=body.replace(
        "voor {by}?", "binnen veertien dagen na de dag van ontvangst van deze brief?"
    ))  # fmt: skip
    assert actions.submit(house.actor("manager"), number=row.pk).state == "submitted"


def test_ones_own_notice_that_names_costs_is_not_used_where_there_are_none(house: Cast) -> None:
    live(house, kind="notice", body=(
        "Wilt u {total} betalen binnen veertien dagen na de dag van ontvangst van deze brief? "
        "Anders komen er kosten bij van {fee}."
    ))  # fmt: skip
    customer = Customer.objects.of(house.organisation).get(key="C1")
    found = []
    for customer.country in ("NL", "FR"):
        draft = compose(
            house.organisation, customer, list(Invoice.objects.of(house.organisation)),
            kind=Kind.NOTICE, tone="friendly", channel="letter", at=NOW,
        )  # fmt: skip
        found.append((draft.letter, draft.version, "€\u00a040,00" in " ".join(draft.paragraphs)))
    assert found == [("fourteen_day", "1", True), ("formal_notice", "built-in", False)]


def test_a_draft_is_edited_in_place_and_a_submitted_text_is_not(house: Cast) -> None:
    first = drafted(house)
    again = drafted(house, body=BODY + "\n\nTot ziens.")
    assert (first.pk, again.number) == (again.pk, 1)
    actions.submit(house.actor("manager"), number=first.pk)
    with pytest.raises(Refused):
        drafted(house)
    actions.withdraw(house.actor("manager"), number=first.pk)
    assert drafted(house).state == "draft"


def test_a_new_version_retires_the_one_before_and_an_old_one_comes_back_as_a_draft(
    house: Cast,
) -> None:
    first = live(house)
    second = live(house, body=BODY.replace("Dank u wel", "Bedankt"))
    first.refresh_from_db()
    assert (first.state, second.state, said(house).version) == ("retired", "live", "2")
    third = actions.restore(house.actor("manager"), number=first.pk)
    assert (third.number, third.body, third.state) == (3, first.body, "draft")
    assert [row.number for row in queries.versions(house.organisation, **PLACE)] == [3, 2, 1]


def test_without_its_own_text_the_built_in_one_speaks_again(house: Cast) -> None:
    row = live(house)
    with pytest.raises(Forbidden):
        actions.retire(house.actor("manager"), number=row.pk)
    actions.retire(house.actor("compliance"), number=row.pk)
    assert said(house).version == "built-in"


def test_a_text_that_is_turned_down_is_a_draft_again_with_the_reason(house: Cast) -> None:
    row = drafted(house)
    actions.submit(house.actor("manager"), number=row.pk)
    assert queries.waiting_for(house.actor("manager")) == []
    assert queries.waiting_for(house.actor("compliance")) == [row]
    actions.reject(house.actor("compliance"), number=row.pk, because="Te kort.")
    row.refresh_from_db()
    assert (row.state, row.note) == ("draft", "Te kort.")


def test_texts_of_another_organisation_do_not_exist(house: Cast) -> None:
    row = drafted(house)
    with pytest.raises(NotFound):
        actions.submit(house.actor("stranger"), number=row.pk)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"body": " "}, "body"), ({"subject": ""}, "subject"), ({"kind": "letter"}, "kind"),
        ({"tone": "angry"}, "tone"), ({"language": "pl"}, "language"), ({"form": "x"}, "form"),
    ],
)  # fmt: skip
def test_what_is_no_text_or_no_place_is_refused(
    house: Cast, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        drafted(house, **wrong)
    assert refused.value.field == field
    assert not Template.objects.of(house.organisation).exists()


def test_an_agent_drafts_nothing(house: Cast) -> None:
    with pytest.raises(Forbidden):
        actions.draft(house.actor("agent"), **PLACE, subject="x", body="y")


@pytest.mark.parametrize("kind", list(Kind))
def test_every_built_in_text_can_be_seen_without_a_case(house: Cast, kind: Kind) -> None:
    for form in Form:
        text = queries.text_in_force(
            house.organisation, kind=kind, form=form, tone="firm", language="nl"
        )
        assert queries.preview(house.organisation, text).paragraphs
    assert Customer.objects.of(house.organisation).count() == 1


def test_the_places_of_a_language_show_what_is_live_and_what_is_worked_on(house: Cast) -> None:
    row = live(house)
    place = next(
        one
        for one in queries.places(house.organisation, language="nl")
        if (one.kind, one.tone) == (Kind.REMINDER, "friendly")
    )
    assert (place.live, place.open) == (row, None)


def test_what_a_person_writes_into_one_message_is_looked_over_in_its_readers_language(
    house: Cast,
) -> None:
    customer = Customer.objects.of(house.organisation).get(key="C1")
    found = queries.findings_in(house.organisation, customer, "Schaam u. Betaal {total}.")
    assert [one.code for one in found] == ["shame"]


def test_a_test_goes_to_the_person_who_asks_and_is_no_message(house: Cast) -> None:
    assert send_test(house.actor("manager"), draft=said(house)) == "credit_manager@delta.example"
    (sent,) = mail.outbox
    assert sent.to == ["credit_manager@delta.example"]
    assert sent.subject == "PROEF: Herinnering van Delta Water"
    assert "PROEF: dit bericht is niet naar een klant gestuurd." in str(sent.body)
    assert not Message.objects.of(house.organisation).exists()
    with pytest.raises(Invalid):
        send_test(house.actor("manager"), draft=said(house), to="nobody")
    with pytest.raises(Forbidden):
        send_test(house.actor("agent"), draft=said(house))


def live(cast: Cast, **values: Any) -> Template:
    row = drafted(cast, **values)
    actions.submit(cast.actor("manager"), number=row.pk)
    return actions.approve(cast.actor("compliance"), number=row.pk)
