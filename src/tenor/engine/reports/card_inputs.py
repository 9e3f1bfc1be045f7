"""What a model reads, by family, and why each family may be used; and what it never reads."""

from collections.abc import Iterable

from tenor.engine.features.catalogue import FEATURES, words_of
from tenor.engine.frames import (
    CONSENT_PREFIX,
    PROTECTED_PREFIX,
    REACH_PREFIX,
    REFERENCE_PREFIX,
    Tables,
)

CLAIM, HABIT, CONTACT, RESPONSE = "the claim", "how invoices were paid", "contacts", "responses"
CUSTOMER, INVOICE, OUTSIDE = "own columns of customers", "own columns of invoices", "the outside"
WHY: dict[str, str] = {
    CLAIM: "exposure: what is asked and since when",
    HABIT: "behaviour towards requests for payment",
    CONTACT: "what was done to be paid, and how often",
    RESPONSE: "behaviour towards requests for payment: answers, visits, promises, disputes",
    CUSTOMER: "facts the organisation gave; they may stand in for who somebody is, so the audit "
    "searches them for that, and `--behaviour-only` does without them",
    INVOICE: "facts the organisation gave about what it sold",
    OUTSIDE: "figures of the economy, the same for all of a place",
}
_SOURCES = {
    "invoices": CLAIM,
    "invoices, payments": HABIT,
    "payments": HABIT,
    "contacts": CONTACT,
    "contacts, events": RESPONSE,
    "events": RESPONSE,
}
_PREFIXES = {"customer_": CUSTOMER, "invoice_": INVOICE, "external_": OUTSIDE}
# Of what is derived from invoices and payments, the claim itself: its size and its age.
_OF_CLAIM = ("log_balance", "paid_share", "open_invoices", "log_open_total", "overdue_share",
             "oldest_overdue", "raised_share")  # fmt: skip
_EXCLUDED = {
    PROTECTED_PREFIX: "who somebody is: read by the fairness audit alone",
    REFERENCE_PREFIX: "references, carried along",
    CONSENT_PREFIX: "consent: decides what may be done, never what is thought of a payer",
    REACH_PREFIX: "whether a channel reaches them: decides what can be done",
}


def family_of(column: str) -> str:
    """Return the family that a column of a model belongs to."""
    if column in _OF_CLAIM:
        return CLAIM
    if column in FEATURES:
        return _SOURCES[FEATURES[column].source]
    return next((f for p, f in _PREFIXES.items() if column.startswith(p)), CLAIM)


def families(columns: Iterable[str]) -> list[dict[str, str | list[str]]]:
    """Return the families read, each with why it may be used and its columns in words."""
    read: dict[str, list[str]] = {family: [] for family in WHY}
    for column in columns:
        read[family_of(column)].append(column)
    return [
        {
            "family": family,
            "why": WHY[family],
            "columns": sorted(names),
            "words": sorted(words_of(n) for n in names),
        }
        for family, names in read.items()
        if names
    ]


def excluded(tables: Tables) -> list[dict[str, str | list[str]]]:
    """Return the columns that are there and are never read, by why."""
    found: list[dict[str, str | list[str]]] = []
    for prefix, why in _EXCLUDED.items():
        names = [
            f"{name}.{column}"
            for name, frame in (("customers", tables.customers), ("invoices", tables.invoices))
            for column in frame.columns
            if column.startswith(prefix)
        ]
        if names:
            found.append({"why": why, "columns": sorted(names)})
    return found
