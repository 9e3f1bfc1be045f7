"""Calls: what a person may say stands on the case, from the same books and law as a message."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

import make
from cast import NOW, Cast
from tenor.platform.decisions.models import Task
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.actions.accounts import set_account
from tenor.platform.outreach.channels import call
from tenor.platform.outreach.queries import script_of
from tenor.platform.wording.draft import Form, Kind


def task(cast: Cast, kind: str = "call", **facts: object) -> Task:
    set_account(
        cast.actor("administrator"), iban="NL91ABNA0417164300", currency="EUR", holder="Delta"
    )
    made: Task = Task.objects.of(cast.organisation).create(
        customer=make.customer(cast, name="Ann de Wit"), key="call:1", kind=kind, facts=facts,
        due_at=NOW, created_at=NOW,
    )  # fmt: skip
    made.organisation = cast.organisation
    return made


def test_the_script_names_what_is_open_now_in_the_readers_language(cast: Cast) -> None:
    made = task(cast, invoice_keys=["F1", "F2"], tone="friendly")
    make.invoice(cast, "F1", amount="100")
    make.invoice(cast, "F2", amount="50")
    ledger.record_payment(
        cast.system, key="P1", amount=Decimal("30"), currency="EUR", paid_at=NOW,
        invoice_key="F1",
    )  # fmt: skip
    draft = script_of(made)
    assert draft is not None
    assert (draft.form, draft.kind, draft.language) == (Form.SCRIPT, Kind.REMINDER, "nl")
    words = call.script(draft).body
    assert "120,00" in words
    assert "Delta Water" in words
    assert "{" not in words


def test_what_is_paid_or_not_due_yet_has_no_script(cast: Cast) -> None:
    made = task(cast)
    make.invoice(cast, "F1", due_on=NOW.date() + timedelta(days=9))
    assert script_of(made) is None
    named = Task(
        organisation=cast.organisation, customer=made.customer, facts={"invoice_keys": ["F9"]}
    )  # fmt: skip
    assert script_of(named) is None


def test_a_call_is_about_one_currency(cast: Cast) -> None:
    made = task(cast)
    make.invoice(cast, "F1", amount="500")
    make.invoice(cast, "F2", amount="80", currency="GBP")
    draft = script_of(made)
    assert draft is not None
    assert (draft.currency, draft.amount) == ("EUR", Decimal(500))


@pytest.mark.parametrize("kind", ["call", "promise_broken"])
def test_the_case_page_shows_it_to_whoever_calls(cast: Cast, manager: Client, kind: str) -> None:
    made = task(cast, kind=kind)
    make.invoice(cast, "F1", amount="100")
    page = manager.get(f"/o/delta/worklist/{made.pk}/").content.decode()
    assert "What to say" in page
    assert '<blockquote class="message-body stack" lang="nl">' in page
    assert "100,00" in page


def test_without_words_of_its_own_a_case_still_says_how_to_begin(
    cast: Cast, manager: Client
) -> None:
    made = task(cast)
    make.invoice(cast, "F1", amount="80", currency="GBP")
    # Nobody can be asked to pay in a currency in which there is no account.
    assert script_of(made) is None
    assert (
        "Does anything stand in the way?"
        in manager.get(f"/o/delta/worklist/{made.pk}/").content.decode()
    )
