"""Read a list of accounts: six columns, whatever their names and the way numbers are written."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.frames import AMOUNT

# What each column is called elsewhere; headers are compared in lower case without signs.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "account_id": ("account id", "account", "account no", "account number", "acct", "acct id",
                   "customer id", "customer", "customer no", "customer number", "client id",
                   "debtor id", "debtor", "id"),
    "days_overdue": ("days overdue", "days past due", "dpd", "days late", "overdue days",
                     "past due days", "age", "age days", "days", "overdue"),
    "amount": ("amount", "balance", "outstanding", "amount due", "amount outstanding",
               "open amount", "outstanding amount", "outstanding balance", "open balance",
               "balance due", "amount owed", "debt", "total due"),
    "payment_score": ("payment score", "score", "pay score", "credit score", "paydex",
                      "payment probability", "probability", "likelihood", "risk score", "risk",
                      "payment likelihood", "likelihood to pay"),
    "industry": ("industry", "sector", "branch", "segment", "vertical", "business type"),
    "attempts": ("earlier attempts", "attempts", "previous attempts", "prior attempts",
                 "contact attempts", "previous contact attempts", "prior contact attempts",
                 "contacts", "touches", "previous contacts", "number of attempts",
                 "contact history", "earlier contacts"),
}  # fmt: skip
_REQUIRED = ("account_id", "days_overdue", "amount", "payment_score")
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
# So many of the scores must fit a scale for it to be the file's; the others are bad rows.
_FITTING_SHARE = 0.95


class Scale(StrEnum):
    """How payment scores are written; each with its range."""

    UNIT = "0 to 1"
    PERCENT = "0 to 100"
    CREDIT = "300 to 850"

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the lowest and the highest score."""
        return _BOUNDS[self]


_BOUNDS = {Scale.UNIT: (0.0, 1.0), Scale.PERCENT: (0.0, 100.0), Scale.CREDIT: (300.0, 850.0)}


@dataclass(frozen=True)
class Accounts:
    """The accounts of a file, and how it was read.

    `frame`: `account_id, days_overdue` (int), `amount` (exact), `score` (0 worst to 1 best),
    `industry` (null unknown), `attempts` (int). `headers`: our name -> the file's. `problems`:
    `row` (1 is the first below the head), `column`, `reason`. `currency` is empty where the file
    shows none. `higher_is_worse`: the score was a risk and has been turned round.
    """

    frame: pl.DataFrame
    headers: Mapping[str, str]
    scale: Scale
    higher_is_worse: bool
    currency: str
    problems: pl.DataFrame


def read_accounts(path: Path, *, higher_is_worse: bool | None = None) -> Accounts:
    """Read a CSV file of accounts (comma, semicolon or tab; UTF-8).

    `higher_is_worse` None: as the score's header says (a `risk` is worse the higher it is).
    Raises `InputError` where a column is missing, the scores fit no scale, or no row is usable.
    """
    head, rows = _cells(path)
    headers = _match(head, path)
    if higher_is_worse is None:
        higher_is_worse = "risk" in headers["payment_score"].lower()
    index = {name: head.index(header) for name, header in headers.items()}
    texts = [
        {name: (row[at].strip() if at < len(row) else "") for name, at in index.items()}
        for row in rows
    ]
    currency = _currency([t["amount"] for t in texts] + [headers["amount"]])
    scale = _scale([n for t in texts if (n := number(t["payment_score"])) is not None], path)
    good, problems = _usable(texts, scale)
    if not good:
        raise InputError(f"{path}: no row can be used{_first(problems)}")
    low, high = scale.bounds
    score = (pl.col("score") - low) / (high - low)
    frame = pl.DataFrame(good, schema=_SCHEMA, orient="row").with_columns(
        score=1 - score if higher_is_worse else score
    )
    return Accounts(frame, headers, scale, higher_is_worse, currency, _problem_frame(problems))


_SCHEMA = {
    "account_id": pl.String(),
    "days_overdue": pl.Int64(),
    "amount": AMOUNT,
    "score": pl.Float64(),
    "industry": pl.String(),
    "attempts": pl.Int64(),
}
_Problem = tuple[int, str, str]


def number(text: str) -> Decimal | None:
    """Return the number that a person wrote, None where it is none.

    Signs of currency, spaces and a percent sign are ignored. Of `,` and `.` the last is the
    decimal sign; one that stands before exactly three digits and is a comma, or stands more than
    once, groups thousands: `1,234` is 1234, `1.234` is 1.234, `1.234,50` is 1234.50.

    Example
    -------
    >>> number("$ 4,600.00")
    Decimal('4600.00')
    """
    bare = re.sub(r"[\s$€£¥%']|[A-Z]{3}(?![A-Za-z])", "", text)
    if re.fullmatch(r"\(.*\)", bare):
        bare = f"-{bare[1:-1]}"
    if "," in bare and "." in bare:
        thousands = "," if bare.rfind(".") > bare.rfind(",") else "."
        bare = bare.replace(thousands, "").replace(",", ".")
    elif re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", bare) or bare.count(",") > 1:
        bare = bare.replace(",", "")
    elif bare.count(".") > 1:
        bare = bare.replace(".", "")
    bare = bare.replace(",", ".")
    return Decimal(bare) if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)", bare) else None


def _cells(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    if not text.strip():
        raise InputError(f"{path}: the file is empty; a head and a row an account are expected")
    separator = max(",;\t|", key=text.lstrip().split("\n", 1)[0].count)
    cells = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows = [row for row in cells if any(cell.strip() for cell in row)]
    return [cell.strip() for cell in rows[0]], rows[1:]


def _match(head: Sequence[str], path: Path) -> dict[str, str]:
    """Return our name -> the file's header; the earliest name of `HEADERS` wins."""
    plain = {re.sub(r"[^a-z0-9]+", " ", h.lower()).strip(): h for h in reversed(head)}
    found: dict[str, str] = {}
    for name, known in HEADERS.items():
        taken = found.values()
        exact = next((plain[k] for k in known if k in plain and plain[k] not in taken), None)
        within = next(
            (h for k in known for p, h in plain.items() if f" {k} " in f" {p} " and h not in taken),
            None,
        )
        header = exact or within
        if header is not None:
            found[name] = header
    missing = [name for name in _REQUIRED if name not in found]
    if missing:
        raise InputError(
            f"{path}: no column for {' and '.join(m.replace('_', ' ') for m in missing)} among "
            f"{', '.join(head)}; name it {missing[0]}"
        )
    return found


def _currency(texts: Sequence[str]) -> str:
    """Return the one currency that signs or codes in the amounts or their header name, else ''."""
    named = {_SIGNS[sign] for text in texts for sign in _SIGNS if sign in text}
    codes = {
        code for text in texts for code in re.findall(r"\b(?:EUR|USD|GBP|CHF|JPY)\b", text.upper())
    }
    both = named | codes
    return both.pop() if len(both) == 1 else ""


def _scale(scores: Sequence[Decimal], path: Path) -> Scale:
    if not scores:
        raise InputError(f"{path}: no payment score is a number")
    for scale in Scale:
        low, high = scale.bounds
        if sum(low <= s <= high for s in scores) >= _FITTING_SHARE * len(scores):
            return scale
    raise InputError(
        f"{path}: payment scores from {min(scores)} to {max(scores)} fit none of the scales "
        f"{', '.join(Scale)}"
    )


def _usable(
    texts: Sequence[Mapping[str, str]], scale: Scale
) -> tuple[list[tuple[object, ...]], list[_Problem]]:
    good: list[tuple[object, ...]] = []
    problems: list[_Problem] = []
    seen: set[str] = set()
    for row, cells in enumerate(texts, 1):
        wrong = _faults(cells, scale, seen)
        if wrong:
            problems += [(row, column, reason) for column, reason in wrong]
            continue
        seen.add(cells["account_id"])
        good.append(
            (
                cells["account_id"],
                int(number(cells["days_overdue"]) or 0),
                number(cells["amount"]),
                float(number(cells["payment_score"]) or 0),
                cells.get("industry") or None,
                int(number(cells.get("attempts", "")) or 0),
            )
        )
    return good, problems


def _faults(cells: Mapping[str, str], scale: Scale, seen: set[str]) -> list[tuple[str, str]]:
    """Return (column, reason) for all that is wrong with a row."""
    wrong = []
    if not cells["account_id"]:
        wrong.append(("account_id", "is empty"))
    elif cells["account_id"] in seen:
        wrong.append(("account_id", f"{cells['account_id']} is there already"))
    for column in ("days_overdue", "amount", "payment_score", "attempts"):
        text = cells.get(column, "")
        value = number(text)
        if value is None:
            if text or column != "attempts":
                wrong.append((column, f"{text!r} is no number" if text else "is empty"))
        elif column == "amount" and value <= 0:
            wrong.append((column, f"{text} is not owed"))
        elif column == "attempts" and value < 0:
            wrong.append((column, f"{text} is less than none"))
        elif column == "payment_score" and not scale.bounds[0] <= value <= scale.bounds[1]:
            wrong.append((column, f"{text} is not within {scale}"))
    return wrong


def _first(problems: Sequence[_Problem]) -> str:
    if not problems:
        return ": there is none below the head"
    row, column, reason = problems[0]
    return f"; row {row}, {column}: {reason}"


def _problem_frame(problems: Sequence[_Problem]) -> pl.DataFrame:
    schema = {"row": pl.Int64(), "column": pl.String(), "reason": pl.String()}
    return pl.DataFrame(problems, schema=schema, orient="row")
