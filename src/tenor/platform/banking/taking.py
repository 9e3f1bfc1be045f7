"""Put a file that was read into its tables: which lines are new, which were told before."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from tenor.engine.payments import camt
from tenor.engine.payments.camt import StatementKind, key_of, tellings
from tenor.engine.payments.camt_entries import Entry
from tenor.engine.payments.iban import is_same_account
from tenor.platform.banking.lines import Known, days_of, is_batch, lines_of
from tenor.platform.banking.models import BankFile, Line, Statement
from tenor.platform.banking.reading import Read
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import OwnAccount
from tenor.platform.ledger.queries import accounts

_AT_ONCE = 500


@dataclass
class Taken:
    """What came of a file: how many lines, how many of them known, and what was noticed."""

    lines: int = 0
    known: int = 0
    remarks: list[dict[str, Any]] = field(default_factory=list)


def refuse_incomplete(read: Read, name: str, *, accept_difference: bool) -> None:
    """Refuse a file of which an entry cannot be read, or which does not add up."""
    for statement in read.statements:
        place = {"name": name, "number": statement.number or statement.account}
        if statement.problems:
            raise Invalid(
                _(
                    "%(name)s, statement %(number)s, %(problem)s. Nothing was taken in: download "
                    "the file again from your bank; if it stays so, show them this line."
                )
                % {**place, "problem": statement.problems[0]},
                field="files",
            )
        difference = statement.difference
        if difference and not accept_difference:
            raise Invalid(
                _(
                    "%(name)s, statement %(number)s does not add up: opening balance and lines "
                    "make %(difference)s %(currency)s more than the closing balance says. Nothing "
                    "was taken in. Download it again from your bank, or take it all the same if "
                    "you know why."
                )
                % {**place, "difference": f"{difference:f}", "currency": statement.currency},
                field="difference",
            )


def own_accounts(
    organisation: Organisation, read: Read, name: str
) -> list[tuple[camt.Statement, OwnAccount]]:
    """Give each statement its own account; refuse a file with one that nobody knows."""
    own = accounts(organisation)
    found = []
    for statement in read.statements:
        same = [one for one in own if is_same_account(one.iban, statement.account)]
        right = [one for one in same if one.currency == statement.currency]
        if len(right) != 1:
            raise Invalid(_unknown(statement, same), field="account")
        found.append((statement, right[0]))
    return found


def _unknown(statement: camt.Statement, same: Sequence[OwnAccount]) -> str:
    values = {"account": statement.account, "currency": statement.currency or "?"}
    if same:
        return (
            _(
                "Account %(account)s is not known here in %(currency)s. If it is yours, an "
                "administrator adds it in that currency under Settings, Own accounts; then give "
                "the file again. Nothing was taken in."
            )
            % values
        )
    return (
        _(
            "Account %(account)s (%(currency)s) is none of yours as far as Tenor knows. If it is, "
            "an administrator adds it under Settings, Own accounts; then give the file again. "
            "Nothing was taken in."
        )
        % values
    )


def keep(file: BankFile, found: Sequence[tuple[camt.Statement, OwnAccount]]) -> Taken:
    """Write statements and new lines; the caller holds the organisation's lock."""
    taken = Taken()
    done: set[tuple[Any, ...]] = set()
    for place, (statement, account) in enumerate(found, 1):
        same = (account.pk, statement.number, statement.balances, statement.entries)
        if same in done:
            continue
        done.add(same)
        first_on, last_on = days_of(statement)
        opening: Any = statement.opening and statement.opening.amount
        closing: Any = statement.closing and statement.closing.amount
        row = Statement(
            organisation=file.organisation, file=file, place=place, kind=statement.kind.value,
            number=statement.number[:140], iban=account.iban, currency=account.currency,
            opening=opening,
            closing=closing,
            first_on=first_on, last_on=last_on,
        )  # fmt: skip
        row.save()
        _keep_lines(row, statement, account, taken)
        _remark(row, statement, taken)
    return taken


def _keep_lines(
    row: Statement, statement: camt.Statement, account: OwnAccount, taken: Taken
) -> None:
    told = list(zip(statement.booked, _tellings(statement, account), strict=True))
    if statement.kind is not StatementKind.STATEMENT:
        # Within the day the same entry comes again in the statement: only a reference tells so.
        sure = [(entry, telling) for entry, telling in told if entry.bank_reference]
        if len(sure) < len(told):
            taken.remarks.append({"code": "unreferenced", "count": len(told) - len(sure)})
        told = sure
    book = _Book(row)
    for start in range(0, len(told), _AT_ONCE):
        new: list[Line] = []
        some = told[start : start + _AT_ONCE]
        book.look_up([telling for _, telling in some])
        for place, (entry, telling) in enumerate(some, start + 1):
            made = list(lines_of(entry, Known(book.key_for(entry, telling), place)))
            taken.lines += len(made)
            new += _new_of(row, made, book, taken)
        Line.objects.of(row.organisation_id).bulk_create(new, batch_size=_AT_ONCE)
    if row.known_lines:
        row.save(update_fields=["known_lines"])


def _tellings(statement: camt.Statement, account: OwnAccount) -> Iterable[str]:
    """Know entries by the own account, however the bank writes its number in this file."""
    rest = (telling.partition("\x1f")[2] for telling in tellings(statement))
    return [f"{account.iban}\x1f{account.currency}\x1f{one}" for one in rest]


class _Book:
    """The lines that are there already, by the key of their entry."""

    def __init__(self, row: Statement) -> None:
        self.row = row
        self._seen: Counter[str] = Counter()
        self._kept: dict[str, list[Line]] = {}

    def look_up(self, some: Sequence[str]) -> None:
        """Fetch what is kept of entries that tell this, at once."""
        ahead = Counter(self._seen)
        keys = []
        for telling in some:
            ahead[telling] += 1
            keys.append(key_of(telling, ahead[telling]))
        self._kept = {key: [] for key in keys}
        rows = Line.objects.of(self.row.organisation_id).filter(entry__in=keys)
        for line in rows.select_related("statement").order_by("pk"):
            self._kept[line.entry].append(line)

    def key_for(self, entry: Entry, telling: str) -> str:
        """Return the key of the next entry that tells this."""
        while True:
            self._seen[telling] += 1
            key = key_of(telling, self._seen[telling])
            before = self.lines_of(key)
            # On the statement that follows, one without a reference is another payment.
            alike = before and not entry.bank_reference
            if not (alike and _follows(before[0].statement, self.row)):
                return key

    def lines_of(self, key: str) -> list[Line]:
        """Return the lines of an entry that are there already."""
        if key not in self._kept:
            rows = Line.objects.of(self.row.organisation_id).filter(entry=key)
            self._kept[key] = list(rows.select_related("statement").order_by("pk"))
        return self._kept[key]


def _new_of(row: Statement, made: list[Line], book: _Book, taken: Taken) -> list[Line]:
    """Return the lines of an entry that are new, each on its statement."""
    before, home = book.lines_of(made[0].entry), row
    if before and not _tells_more(before, made):
        row.known_lines += [line.pk for line in before]
        taken.known += len(made)
        return []
    if before:
        # Now the bank tells the payments of a batch: they stand in its place.
        home, place = before[0].statement, before[0].place
        before[0].delete()
        for line in made:
            line.place = place
    for line in made:
        line.organisation_id, line.statement = row.organisation_id, home
    return made


def _tells_more(before: Sequence[Line], made: Sequence[Line]) -> bool:
    """Say whether a batch that waits as one line is told in its payments now."""
    waits = len(before) == 1 and is_batch(before[0]) and before[0].state == Line.State.WAITING
    return waits and not is_batch(made[0])


def _follows(old: Statement, new: Statement) -> bool:
    """Say whether two statements of an account follow each other: no line can be on both."""
    if None in (old.opening, old.closing, new.opening, new.closing):
        return False
    if not (old.first_on and old.last_on and new.first_on and new.last_on):
        return False
    if (old.opening, old.closing) == (new.opening, new.closing) or old.number == new.number:
        return False
    after = old.closing == new.opening and old.last_on <= new.first_on
    before = new.closing == old.opening and new.last_on <= old.first_on
    return bool(after or before)


def _remark(row: Statement, statement: camt.Statement, taken: Taken) -> None:
    """Note what a person should know: what is pending, what is missing between statements."""
    pending = len(statement.entries) - len(statement.booked)
    if pending:
        taken.remarks.append({"code": "pending", "count": pending, "number": row.number})
    if statement.difference:
        taken.remarks.append(
            {"code": "difference", "number": row.number, "amount": f"{statement.difference:f}",
             "currency": row.currency}
        )  # fmt: skip
    gap = gap_before(row)
    if gap is not None:
        taken.remarks.append(
            {"code": "gap", "number": row.number, "amount": f"{gap[1]:f}",
             "currency": row.currency, "iban": row.iban, "day": str(gap[0])}
        )  # fmt: skip


def gap_before(row: Statement) -> tuple[Any, Any] | None:
    """Return since when, and how much, is missing before a statement; None where nothing is."""
    if row.opening is None or row.first_on is None:
        return None
    others = Statement.objects.of(row.organisation_id).filter(
        iban=row.iban, currency=row.currency, closing__isnull=False, last_on__lte=row.first_on
    )
    others = others.exclude(pk=row.pk)
    if not others.exists() or others.filter(closing=row.opening).exists():
        return None
    last = others.order_by("-last_on", "-pk").first()
    if last is None:
        return None
    return last.last_on, row.opening - last.closing
