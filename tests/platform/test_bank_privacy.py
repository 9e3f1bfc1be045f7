"""What banking knows of a person is given on request, and goes without harm to the statement."""

from typing import Any

import pytest

import bankfile
import make
from bankfile import ANN, file, line
from cast import Cast
from tenor.platform.banking import actions, privacy
from tenor.platform.banking.models import Line, PayerAccount
from tenor.platform.ledger import actions as ledger


@pytest.fixture(autouse=True)
def booked(cast: Cast) -> None:
    ledger.set_account(cast.system, iban=bankfile.IBAN, currency="EUR", holder="Delta Water")
    make.invoice(cast, "F1001", amount="60")
    content = file(line("60", "F1001 Ann", name="Ann Jansen", account=ANN))
    taken = actions.take_file(cast.actor(), content=content, name="bank.xml")
    actions.look_at_lines(cast.actor(), files=[taken.pk])


def test_accounts_and_lines_are_given_to_whom_they_are_about(cast: Cast) -> None:
    given = privacy.export(cast.organisation, "C1")
    assert given["payer_accounts"][0]["account"] == ANN
    assert given["bank_lines"][0]["line_text"] == "F1001 Ann"
    other: Any = privacy.export(cast.organisation, "C2")
    assert not any(other.values())


def test_erased_lines_tell_of_nobody_and_still_add_up(cast: Cast) -> None:
    held = {(h.part, h.year) for h in privacy.holdings(cast.organisation, "C1")}
    assert held == {("bank_lines", 2026), ("accounts", None)}
    assert privacy.erase(cast.organisation, "C1", part="bank_lines", year=2025) == 0
    assert privacy.erase(cast.organisation, "C1", part="bank_lines", year=2026) == 1
    assert privacy.erase(cast.organisation, "C1", part="accounts") == 1
    row = Line.objects.of(cast.organisation).get()
    assert (row.name, row.account, row.text, row.amount) == ("", "", "", 60)
    assert not PayerAccount.objects.of(cast.organisation).exists()
    assert privacy.holdings(cast.organisation, "C1") == []
