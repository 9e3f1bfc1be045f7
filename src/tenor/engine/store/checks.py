"""Which rows cannot be used although every value has its type: keys, references, ranges, codes."""

import zoneinfo
from dataclasses import dataclass

import polars as pl

from tenor.engine import events
from tenor.engine.frames import AMOUNT, CUSTOMERS, INVOICES, PAYMENTS, TABLES, Table
from tenor.engine.store.files import ROW

PROBLEMS = {"file": pl.String, "row": pl.Int64, "column": pl.String, "reason": pl.String}
_CURRENCY = r"^[A-Z]{3}$"
_COUNTRY = r"^[A-Z]{2}$"
_LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"
# On the hour, as the engine plans: what is wished by the minute is rounded by whoever keeps it.
_HOURS = r"^([01]\d|2[0-3]):00-([01]\d|2[0-4]):00$"
_WEEKDAY = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_WEEKDAYS = rf"^{_WEEKDAY}(-{_WEEKDAY})?(,{_WEEKDAY}(-{_WEEKDAY})?)*$"
_SHOWN = 40


@dataclass(frozen=True)
class Check:
    """A rule of one column: `wrong` marks the rows that break it, `reason` says it in words.

    `among` narrows a costly check to the rows that it is about.
    """

    column: str
    wrong: pl.Expr
    reason: str
    among: pl.Expr | None = None


def _matches(column: str, pattern: str, what: str) -> Check:
    wrong = ~pl.col(column).str.contains(pattern)
    return Check(column, wrong, f'"{{}}" is not {what}')


_DETAIL_AMOUNT = pl.col("detail").str.json_path_match("$.amount")
_DETAIL_UNREADABLE = _DETAIL_AMOUNT.cast(AMOUNT, strict=False).is_null()
CHECKS: dict[str, tuple[Check, ...]] = {
    "customers": (
        _matches("country", _COUNTRY, "a country code such as NL (ISO 3166-1 alpha-2)"),
        _matches("language", _LANGUAGE, "a language code such as nl or de-AT (BCP 47)"),
        Check(
            "timezone",
            ~pl.col("timezone").is_in(sorted(zoneinfo.available_timezones())),
            '"{}" is not a time zone such as Europe/Amsterdam (IANA)',
        ),
        _matches("contact_hours", _HOURS, 'local hours such as "09:00-20:00"'),
        _matches("contact_days", _WEEKDAYS, 'weekdays such as "Mon-Fri" or "Mon,Wed"'),
        Check(
            "contact_hours",
            pl.col("contact_hours").str.slice(0, 2).cast(pl.Int64, strict=False)
            >= pl.col("contact_hours").str.slice(6, 2).cast(pl.Int64, strict=False),
            "{} leaves no whole hour",
        ),
    ),
    "invoices": (
        _matches("currency", _CURRENCY, "a currency code such as EUR (ISO 4217)"),
        Check(
            "amount",
            pl.col("amount") <= 0,
            "{} is no claim; an invoice asks for more than nothing (a credit note is an event of "
            "kind credited)",
        ),
    ),
    "payments": (),
    "contacts": (
        Check(
            "propensity",
            (pl.col("propensity") <= 0) | (pl.col("propensity") > 1),
            "{} is not above 0 and at most 1; leave it empty where it is unknown",
        ),
        Check("cost", pl.col("cost") < 0, "{} is below 0"),
        Check("invoice_ids", pl.col("invoice_ids").list.len() == 0, "names no invoice"),
    ),
    "events": (
        Check(
            "invoice_id",
            pl.col("invoice_id").is_null() & pl.col("customer_id").is_null(),
            "neither invoice_id nor customer_id is given",
        ),
        Check(
            "detail",
            _DETAIL_UNREADABLE,
            'amount_changed needs the new total in detail, as in {{"amount": "120.00"}}',
            among=pl.col("kind") == events.Kind.AMOUNT_CHANGED,
        ),
        Check(
            "detail",
            _DETAIL_AMOUNT.is_not_null() & _DETAIL_UNREADABLE,
            "the amount in detail is not an amount",
            among=pl.col("kind") == events.Kind.CREDITED,
        ),
    ),
    "external": (),
}


def problems_of(file: str, column: str, rows: pl.Series, reasons: pl.Series) -> pl.DataFrame:
    """Return rows of the problem list for one column of one file."""
    return pl.DataFrame(
        {"row": rows, "reason": reasons}, schema={"row": pl.Int64, "reason": pl.String}
    ).select(pl.lit(file).alias("file"), "row", pl.lit(column).alias("column"), "reason")


def find(file: str, frame: pl.DataFrame, column: str, wrong: pl.Expr, reason: str) -> pl.DataFrame:
    """Return a problem for each row where `wrong` holds; `{}` in `reason` becomes its value."""
    broken = frame.filter(wrong)
    if broken.is_empty():
        return pl.DataFrame(schema=PROBLEMS)
    shown: pl.Expr = pl.lit("")
    if frame.schema[column] != pl.List:
        shown = pl.col(column).cast(pl.String).str.slice(0, _SHOWN).fill_null("")
        if frame.schema[column].is_decimal():
            shown = shown.str.replace(r"(\.\d\d)(\d*?)0+$", "$1$2")
    # Braces that are meant stand doubled, as in str.format.
    before, _, after = reason.partition("{}")
    text = [pl.lit(_plain(before)), shown, pl.lit(_plain(after))]
    if "{}" not in reason.replace("{{", "").replace("}}", ""):
        text = [pl.lit(_plain(reason))]
    reasons = broken.select(pl.concat_str(text)).to_series()
    if reasons.len() == 1:
        reasons = pl.Series([reasons[0]] * broken.height)
    return problems_of(file, column, broken[ROW], reasons)


def _plain(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")


def check_rows(table: Table, file: str, frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the problems of rows by themselves: ranges, codes and keys that come twice."""
    found = []
    for check in CHECKS[table.name]:
        among = frame if check.among is None else frame.filter(check.among)
        found.append(find(file, among, check.column, check.wrong, check.reason))
    key = "payment_id" if table is PAYMENTS else table.key
    if key:
        found.append(_duplicates(file, frame, key))
    return found


def _duplicates(file: str, frame: pl.DataFrame, key: str) -> pl.DataFrame:
    named = frame.select(ROW, key).filter(pl.col(key).is_not_null())
    again = named.filter(~pl.col(key).is_first_distinct())
    if again.is_empty():
        return pl.DataFrame(schema=PROBLEMS)
    first = named.filter(pl.col(key).is_first_distinct() & pl.col(key).is_in(again[key].implode()))
    told = again.join(first.rename({ROW: "first"}), on=key, how="left", maintain_order="left")
    reason = pl.format('"{}" is already in row {}', pl.col(key), pl.col("first"))
    return problems_of(file, key, told[ROW], told.select(reason).to_series())


# A row of the first table needs the row of the second that it names.
REFERENCES = (
    (INVOICES, "customer_id", CUSTOMERS),
    (PAYMENTS, "invoice_id", INVOICES),
    (TABLES["contacts"], "customer_id", CUSTOMERS),
)


def check_reference(
    file: str, frame: pl.DataFrame, column: str, *, usable: pl.Series, named: pl.Series, noun: str
) -> pl.DataFrame:
    """Return a problem for each row whose `column` names nothing usable.

    `usable` are the ids of good rows, `named` all ids of the file, so that a row which falls with
    another one says so.
    """
    lost = pl.col(column).is_not_null() & ~pl.col(column).is_in(usable.implode())
    fallen = pl.col(column).is_in(named.implode())
    return pl.concat(
        [
            find(file, frame, column, lost & ~fallen, f'{noun} "{{}}" is unknown'),
            find(file, frame, column, lost & fallen, f'{noun} "{{}}" could not be read itself'),
        ]
    )


def notes(frames: dict[str, pl.DataFrame]) -> list[str]:
    """Return what is odd and yet usable, counted, in words."""
    invoices, contacts, happened = frames["invoices"], frames["contacts"], frames["events"]
    known = invoices["invoice_id"].implode()
    said = []
    early = invoices.filter(pl.col("due_on") < pl.col("issued_on")).height
    if early:
        said.append(f"invoices: {_rows(early)} due before issued")
    kinds = frames["customers"]["kind"].drop_nulls().unique().sort().to_list()
    if strange := [k for k in kinds if k not in ("consumer", "business")]:
        said.append(f"customers: kind is neither consumer nor business: {_some(strange)}")
    ids = contacts.select("invoice_ids").explode("invoice_ids").to_series().drop_nulls()
    if lost := int((~ids.is_in(known)).sum()):
        said.append(f"contacts: {lost:,} of the invoice_ids named are no known invoice")
    about = happened.filter(pl.col("invoice_id").is_not_null() & ~pl.col("invoice_id").is_in(known))
    if about.height:
        said.append(f"events: {_rows(about.height)} about an unknown invoice")
    customers = frames["customers"]["customer_id"].implode()
    of = pl.col("customer_id").is_not_null() & ~pl.col("customer_id").is_in(customers)
    if strangers := happened.filter(of).height:
        said.append(f"events: {_rows(strangers)} of an unknown customer")
    unknown = (
        happened.filter(~pl.col("kind").is_in([str(k) for k in events.Kind]))
        .group_by("kind")
        .len()
        .sort("len", "kind", descending=[True, False])
    )
    for kind, count in unknown.head(5).rows():
        said.append(f'events: kind "{kind}" is unknown ({_rows(count)}); kept, not used')
    if unknown.height > 5:
        said.append(f"events: {unknown.height - 5} more unknown kinds; kept, not used")
    return said


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _some(words: list[str]) -> str:
    return ", ".join(words[:5]) + (f" and {len(words) - 5} more" if len(words) > 5 else "")
