"""The gate before a case leaves the house: a list that is met, and a person who signs."""

import ast
import io
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client

import make
import plans
import tenor.platform
from cast import NOW, Cast
from tenor.platform.core.actor import program
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.keys import make_key
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions import actions as deciding
from tenor.platform.decisions import privacy as decisions_held
from tenor.platform.decisions.actions.hand_over import sign
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Decision, HandOver, Task
from tenor.platform.decisions.queries.hand_over import checklist_of, invoices_named
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger import privacy as ledger_held
from tenor.platform.ledger.models import Customer, Invoice, LegalNotice
from tenor.platform.outreach.actions import send_due

CASE = "/o/delta/case/C1/hand-over/"
WHY = "hand-over to collection"
CONTENTS = ("principal", "term", "fee_amount", "consequence")


@pytest.fixture
def ann(cast: Cast) -> Customer:
    """Ann owes 500 euros since 20 January; today is 10 March, and nothing was sent yet."""
    plans.rules(cast)
    plans.settle(cast, automatic=["all"])
    make.invoice(cast, "F1", amount="500", due_on=date(2026, 1, 20))
    return Customer.objects.of(cast.organisation).select_related("organisation").get()


def letter(cast: Cast, *keys: str, received: date = date(2026, 2, 4)) -> None:
    ledger.record_notice(
        cast.actor("agent"), customer_key="C1", invoice_keys=keys or ["F1"], kind="fourteen_day",
        sent_on=date(2026, 2, 2), channel="letter", received_on=received,
        evidence="Signed for, 3SABC", contains=CONTENTS, costs=Decimal(75),
    )  # fmt: skip


def signing(cast: Cast, role: str = "manager", **given: Any) -> HandOver:
    usual = {
        "customer_key": "C1", "invoice_keys": ["F1"], "route": "agency", "to": "Collect BV",
        "name": "Mia Manager", "reason": "No answer to three letters", "registered": True,
        "mandate": True,
    }  # fmt: skip
    actor = given.pop("actor", None) or cast.actor(role)
    return sign(actor, **{**usual, **given})


def unmet(customer: Customer, route: str = "agency", **vouched: bool) -> set[str]:
    found = checklist_of(customer, invoices_named(customer), route=route, **vouched)
    return {one.code for one in found if not one.met}


def is_open(cast: Cast) -> bool:
    return Invoice.objects.of(cast.organisation).get(key="F1").closed_as == ""


def test_the_list_says_what_is_missing_and_by_which_rule(cast: Cast, ann: Customer) -> None:
    assert unmet(ann) == {"LETTERS", "COLLECTOR"}
    letter(cast)
    assert unmet(ann) == {"COLLECTOR"}
    assert unmet(ann, registered=True, mandate=True) == set()
    assert unmet(ann, "court") == set()
    for one in checklist_of(ann, invoices_named(ann), route="agency"):
        assert one.source and one.text
        assert one.rule or one.code == "COST_CHECK"


def test_a_letter_whose_term_still_runs_is_not_enough(cast: Cast, ann: Customer) -> None:
    letter(cast, received=date(2026, 2, 25))
    assert "LETTERS" in unmet(ann, "court")


@pytest.mark.parametrize(
    "reason", ["complaint", "vulnerable", "debt_help", "breathing_space", "deceased"]
)
def test_a_hold_keeps_it_in_the_house(cast: Cast, ann: Customer, reason: str) -> None:
    letter(cast)
    ledger.start_hold(cast.system, customer_key="C1", reason=reason)
    assert unmet(ann, "court") == {"NO_HOLD"}
    with pytest.raises(Refused, match="Still to be done"):
        signing(cast)
    assert is_open(cast) and not HandOver.objects.of(cast.organisation).exists()


def test_a_dispute_keeps_it_in_the_house(cast: Cast, ann: Customer) -> None:
    letter(cast)
    ledger.open_dispute(cast.actor("agent"), invoice_key="F1", reason="quality")
    assert "UNDISPUTED" in unmet(ann, "court")
    with pytest.raises(Refused):
        signing(cast, route="court")
    assert is_open(cast)


def test_a_sum_below_what_the_step_costs_is_not_handed_over(cast: Cast) -> None:
    plans.rules(cast, plans.RULES + "\n[objective]\ncost_of_escalation = 80\n")
    make.invoice(cast, "F1", amount="70", due_on=date(2026, 1, 20))
    customer = Customer.objects.of(cast.organisation).select_related("organisation").get()
    assert "COST_CHECK" in unmet(customer)
    with pytest.raises(Refused, match="costs less than is owed"):
        signing(cast)
    assert is_open(cast)


def test_without_the_list_nobody_signs_and_nothing_changes(cast: Cast, ann: Customer) -> None:
    before = AuditEntry.objects.of(cast.organisation).count()
    with pytest.raises(Refused, match="Still to be done"):
        signing(cast)
    assert is_open(cast) and not HandOver.objects.of(cast.organisation).exists()
    assert AuditEntry.objects.of(cast.organisation).count() == before


def test_only_a_person_who_approves_and_books_signs(cast: Cast, ann: Customer) -> None:
    letter(cast)
    for role in ("agent", "analyst", "compliance", "administrator"):
        with pytest.raises(Forbidden):
            signing(cast, role)
    with pytest.raises(Refused, match="A person signs"):
        signing(cast, actor=cast.system)
    key, _secret = make_key(cast.actor("administrator"), name="ERP", wanted=["invoices:write"])
    with pytest.raises(Forbidden):
        signing(cast, actor=program(key))
    assert is_open(cast)


@pytest.mark.parametrize("field", ["to", "name", "reason"])
def test_name_reason_and_receiver_are_needed(cast: Cast, ann: Customer, field: str) -> None:
    letter(cast)
    with pytest.raises(Invalid):
        signing(cast, **{field: "  "})
    assert is_open(cast)


def test_a_signature_hands_over_with_a_file_of_all_evidence(cast: Cast, ann: Customer) -> None:
    letter(cast)
    make.payment(cast, "P1", invoice="F1", amount="40", paid_at=NOW - timedelta(days=3))
    row = signing(cast)
    assert Invoice.objects.of(cast.organisation).get().closed_as == "escalated"
    assert (row.amount, row.currency, row.signed_by, row.signed_at) == (
        460, "EUR", cast.manager.user, NOW,
    )  # fmt: skip
    with ZipFile(io.BytesIO(bytes(HandOver.objects.of(cast.organisation).get().file))) as archive:
        assert archive.namelist() == ["hand-over.html", "hand-over.json"]
        told = json.loads(archive.read("hand-over.json"))
        page = archive.read("hand-over.html").decode()
    assert told["case"]["amount"] == "460.00" and told["case"]["to"] == "Collect BV"
    assert [(i["invoice"], i["open"]) for i in told["invoices"]] == [("F1", "460.00")]
    assert [(n["kind"], n["evidence"]) for n in told["notices"]] == [
        ("fourteen_day", "Signed for, 3SABC")
    ]
    assert told["statement"][-1]["balance"] == "460.00"
    assert all(one["met"] for one in told["checklist"])
    assert "notice_sent" in [event["what"] for event in told["events"]]
    assert told["signature"] == {
        "name": "Mia Manager", "reason": "No answer to three letters", "at": NOW.isoformat(),
    }  # fmt: skip
    assert "Signed for, 3SABC" in page and "Mia Manager" in page and "460.00" in page
    last = AuditEntry.objects.of(cast.organisation).filter(action="hand_over.sign").get()
    assert last.after["digest"] == row.digest


def test_what_customers_wrote_is_only_text_in_the_file(cast: Cast, ann: Customer) -> None:
    letter(cast)
    row = signing(cast, reason="<script>alert(1)</script>")
    with ZipFile(io.BytesIO(bytes(row.file))) as archive:
        assert b"<script>" not in archive.read("hand-over.html")


def approved(cast: Cast) -> Decision:
    made = plans.decision(
        plans.run(cast), verdict="escalate", review_reason="hand-over to collection"
    )
    open_gate(made.run)
    made.refresh_from_db()
    deciding.approve(cast.actor(), decisions=[made])
    return made


def test_an_approved_hand_over_opens_the_gate_and_leaves_the_invoice_open(
    cast: Cast, ann: Customer
) -> None:
    approved(cast)
    assert send_due(cast.organisation, NOW).handed_over == 1
    assert is_open(cast)
    task = Task.objects.of(cast.organisation).get()
    assert (task.kind, task.state) == ("hand_over", "open")
    client = Client()
    client.force_login(cast.agent.user)
    page = client.get(f"/o/delta/worklist/{task.pk}/").content.decode()
    assert 'href="/o/delta/case/C1/hand-over/"' in page
    letter(cast)
    row = signing(cast)
    task.refresh_from_db()
    assert (task.state, task.outcome, task.claimed_by) == ("done", "done", cast.manager.user)
    assert row.decision is not None and not is_open(cast)


def test_while_it_waits_to_be_signed_it_is_not_proposed_again(cast: Cast, ann: Customer) -> None:
    approved(cast)
    send_due(cast.organisation, NOW)
    later = plans.run(cast, NOW + timedelta(days=1))
    again = plans.decision(later, verdict="escalate", review_reason=WHY)
    open_gate(later)
    again.refresh_from_db()
    assert (again.state, again.gate) == ("nothing", "hand_over_open")


def test_the_list_and_the_signature_have_a_screen(
    cast: Cast, ann: Customer, manager: Client
) -> None:
    page = manager.get(CASE).content.decode()
    assert "points are missing" in page and "Sign and hand over" not in page
    letter(cast)
    page = manager.get(CASE + "?route=agency&registered=yes&mandate=yes").content.decode()
    assert "Sign and hand over" in page and "NL:notices" not in page
    form = {
        "invoices": ["F1"], "route": "agency", "to": "Collect BV", "name": "Mia",
        "reason": "Silence", "registered": "yes", "mandate": "yes",
    }  # fmt: skip
    said = manager.post(CASE + "sign/", form, follow=True).content.decode()
    assert "Handed over to Collect BV" in said and not is_open(cast)
    number = HandOver.objects.of(cast.organisation).get().pk
    answer = manager.get(f"/o/delta/hand-overs/{number}/file/")
    assert answer["Content-Type"] == "application/zip"
    assert answer.content[:2] == b"PK"


def test_a_form_that_claims_the_list_is_met_does_not_get_past_it(
    cast: Cast, ann: Customer, manager: Client
) -> None:
    form = {"invoices": ["F1"], "route": "agency", "to": "X", "name": "M", "reason": "R",
            "registered": "yes", "mandate": "yes"}  # fmt: skip
    said = manager.post(CASE + "sign/", form, follow=True).content.decode()
    assert "Still to be done" in said and is_open(cast)


def test_an_agent_sees_the_list_and_cannot_sign(cast: Cast, ann: Customer, client: Client) -> None:
    letter(cast)
    client.force_login(cast.agent.user)
    page = client.get(CASE + "?registered=yes&mandate=yes").content.decode()
    assert "Sign and hand over" not in page
    assert client.post(CASE + "sign/", {"invoices": ["F1"]}).status_code == 403


def test_another_organisation_sees_neither_list_nor_file(
    cast: Cast, ann: Customer, stranger: Client
) -> None:
    letter(cast)
    number = signing(cast).pk
    assert stranger.get(CASE).status_code == 404
    assert stranger.get(f"/o/delta/hand-overs/{number}/file/").status_code == 404
    assert stranger.get(f"/o/omega/hand-overs/{number}/file/").status_code == 404


def test_no_other_code_hands_anything_over() -> None:
    root = Path(tenor.platform.__file__).parent
    callers = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "escalate"
    }
    # The first signs; the second keeps what an imported history says was handed over elsewhere.
    assert callers == {"decisions/actions/hand_over.py", "ledger/telling.py"}


def test_the_hand_over_and_its_letters_are_told_to_the_person_and_can_be_erased(
    cast: Cast, ann: Customer
) -> None:
    letter(cast)
    signing(cast)
    of = cast.organisation
    assert decisions_held.export(of, "C1")["hand_overs"][0]["to"] == "Collect BV"
    assert ledger_held.export(of, "C1")["notices"][0]["evidence"] == "Signed for, 3SABC"
    decisions_held.erase(of, "C1", part=decisions_held.HAND_OVERS, year=2026)
    ledger_held.erase(of, "C1", part=ledger_held.NOTICES, year=2026)
    assert not HandOver.objects.of(of).exists()
    assert not LegalNotice.objects.of(of).exists()


def test_letters_are_kept_while_something_is_owed(cast: Cast, ann: Customer) -> None:
    letter(cast)
    ledger_held.erase(cast.organisation, "C1", part=ledger_held.AGREEMENTS)
    assert LegalNotice.objects.of(cast.organisation).count() == 1
