"""What banking holds about a person: the accounts they paid from, and the lines of their money."""

from typing import Any

from tenor.platform.banking.models import Line, PayerAccount, Posting, Waiting
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding, by_year, rows_of

ACCOUNTS, LINES, WAITING = "accounts", "bank_lines", "waiting"
# What a line tells of who paid; its amount and day stay, or the statement would not add up.
_PERSONAL = ("name", "account", "text", "reference", "end_to_end_id", "mandate", "note")


def export(organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
    """Return accounts and lines of a customer, and the money that may be theirs."""
    return {
        "payer_accounts": rows_of(_accounts(organisation, key), "account", "times", "last_on"),
        "bank_lines": rows_of(
            _postings(organisation, key), "line__booked_on", "amount", "line__currency",
            "line__name", "line__account", "line__text", "line__reference",
            "line__end_to_end_id", "line__mandate", "line__reason", "payment_key", "at",
            "undone_at",
        ),
        "bank_lines_waiting": rows_of(
            _waiting(organisation, key), "line__booked_on", "line__amount", "line__currency"
        ),
    }  # fmt: skip


def holdings(organisation: Organisation, key: str) -> list[Holding]:
    """Return which rows there are about a customer: lines by year, as the books are."""
    found = [
        Holding(LINES, "payment", count, last.replace(month=12, day=31), year)
        for year, (count, last) in by_year(
            _postings(organisation, key).values_list("line__booked_on", flat=True)
        ).items()
    ]
    for part, days in (
        (ACCOUNTS, _accounts(organisation, key).values_list("last_on", flat=True)),
        (WAITING, _waiting(organisation, key).values_list("line__booked_on", flat=True)),
    ):
        last = max(days, default=None)
        if last is not None:
            found.append(Holding(part, "customer details", len(days), last))
    return found


def erase(organisation: Organisation, key: str, *, part: str, year: int | None = None) -> int:
    """Remove accounts, or what the lines of a year tell of the customer; amounts stay."""
    if part == ACCOUNTS:
        return int(_accounts(organisation, key).delete()[0])
    if part == WAITING:
        return int(_waiting(organisation, key).delete()[0])
    postings = _postings(organisation, key)
    if year is not None:
        postings = postings.filter(line__booked_on__year=year)
    numbers = list(postings.values_list("line", flat=True))
    count = int(postings.update(customer=None))
    # A line that two customers share tells of the other one still.
    shared = Posting.objects.of(organisation).filter(line__in=numbers, customer__isnull=False)
    lines = Line.objects.of(organisation).filter(pk__in=numbers)
    lines = lines.exclude(pk__in=shared.values("line"))
    lines.update(proposals=[], **dict.fromkeys(_PERSONAL, ""))
    return count


def _accounts(organisation: Organisation, key: str) -> Any:
    return PayerAccount.objects.of(organisation).filter(customer__key=key).order_by("pk")


def _postings(organisation: Organisation, key: str) -> Any:
    return Posting.objects.of(organisation).filter(customer__key=key).order_by("pk")


def _waiting(organisation: Organisation, key: str) -> Any:
    return Waiting.objects.of(organisation).filter(customer__key=key).order_by("pk")
