"""What a column of somebody's file can be: a column of the contract, a person's data, or more."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise as Text
from django.utils.translation import gettext_lazy as _

from tenor.engine.frames import CONSENT_PREFIX, PROTECTED_PREFIX, REFERENCE_PREFIX, TABLES

# What a column can be besides a column of the contract.
LEAVE_OUT = ""
FEATURE = "*"  # kept under its own name, and learned from
REFERENCE = "ref"  # kept under its own name, never learned from

# Who somebody is and where they are reached: shown to people, never learned from.
PERSONAL = {
    "customers": ("name", "email", "mobile", "phone", "postal"),
    "invoices": ("number",),
}
TABLE_NAMES: dict[str, "Text | str"] = {
    "customers": _("Customers"),
    "invoices": _("Invoices"),
    "payments": _("Payments"),
    "contacts": _("Contacts"),
    "events": _("Events"),
    "external": _("Figures from outside"),
}

# By table and column; what else is called so, see the file.
_SYNONYMS: dict[str, dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("synonyms.toml").read_text("utf-8")
)
# Words in the name of a column that tell who somebody is: kept, and never learned from.
_TELLING = (
    "name", "naam", "mail", "phone", "telef", "street", "straat", "iban", "address", "adres",
    "bsn", "birth", "geboorte", "vat", "btw", "kvk", "postcode", "zip",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A column that a file's column can become."""

    table: str
    column: str
    required: bool


def targets(table: str) -> list[Target]:
    """List what the columns of a file of `table` can become, the required ones first."""
    found = [Target(table, c.name, c.required) for c in TABLES[table].columns]
    return found + [Target(table, name, False) for name in PERSONAL.get(table, ())]


def guess_table(file: str, columns: list[str]) -> str | None:
    """Say which table a file is, by its name, else by which table's columns it fills best."""
    stem = _plain(file.rsplit(".", 1)[0])
    named = {
        "customers": ("customer", "klant", "debiteur", "kunde", "client", "debtor"),
        "invoices": ("invoice", "factu", "rechnung"),
        "payments": ("payment", "betaling", "zahlung", "paiement"),
        "contacts": ("contact", "reminder", "herinnering", "aanmaning", "mahnung"),
        "events": ("event", "gebeurtenis", "ereignis"),
        "external": ("external", "extern"),
    }
    for table, words in named.items():
        if any(word in stem for word in words):
            return table
    best, most = None, (0.5, 0)
    for table in TABLES:
        required = [t.column for t in targets(table) if t.required]
        guessed = guess_columns(table, columns).values()
        share = sum(name in guessed for name in required) / len(required)
        # Of two tables whose columns are all there, the one that asks for more.
        if (share, len(required)) > most:
            best, most = table, (share, len(required))
    return best


def guess_columns(table: str, columns: list[str]) -> dict[str, str]:
    """Say what each column of a file probably is: `{its name: the target's}`; no target twice.

    Where the contract keeps free columns, the others are features, but for those whose values
    tell who somebody is; elsewhere they are left out.
    """
    found: dict[str, str] = {}
    for target in targets(table):
        for column in columns:
            if column not in found and _means(column, target):
                found[column] = target.column
                break
    for column in columns:
        if column not in found:
            found[column] = _otherwise(table, column)
    return {column: found[column] for column in columns}


def _means(column: str, target: Target) -> bool:
    plain = _plain(column)
    if plain == _plain(target.column):
        return True
    own = _SYNONYMS.get(target.table, {}).get(target.column, [])
    # Every table names customers and invoices by the same words.
    shared = {"customer_id": "customers", "invoice_id": "invoices"}.get(target.column)
    return plain in own or (shared is not None and plain in _SYNONYMS[shared][target.column])


def _otherwise(table: str, column: str) -> str:
    if not TABLES[table].free_columns:
        return LEAVE_OUT
    if column.startswith(PROTECTED_PREFIX):
        # Kept apart with the customer, for the audit of fairness; an invoice keeps nothing of it.
        return FEATURE if table == "customers" else LEAVE_OUT
    if column.startswith((CONSENT_PREFIX, REFERENCE_PREFIX)):
        return FEATURE
    plain = _plain(column)
    return REFERENCE if any(word in plain for word in _TELLING) else FEATURE


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
