"""What the facts are enough for, in the reader's words; the engine says it in English alone."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from tenor.engine.quality.sufficiency import (
    CONTACTS_GOOD,
    CONTACTS_LEAST,
    CONTACTS_PERSONAL,
    CUSTOMERS_GOOD,
    MONTHS_GOOD,
    MONTHS_LEAST,
    SETTLED_GOOD,
    SETTLED_LEAST,
)
from tenor.platform.workbench.reports.words import number
from tenor.platform.workbench.templatetags.tenor import count, percent


def reason(use: Mapping[str, Any], sizes: Mapping[str, Any]) -> str:
    """Say why the facts go as far as they do for a use; "" where that was not counted.

    `use`: `name` and `verdict`, as the engine gave them; `sizes`: what was counted then.
    """
    # A predictor of an earlier Tenor kept the sentence, and not all that it was made from.
    if "varied" not in sizes or use["name"] not in _SAID:
        return ""
    return _SAID[use["name"]](str(use["verdict"]), sizes)


def _audit(verdict: str, sizes: Mapping[str, Any]) -> str:
    months = number(sizes["months"])
    if verdict == "too little":
        return _("Without payments there is nothing to measure.")
    if verdict == "thin":
        return _(
            "%(months)s months and %(invoices)s invoices: read every figure with care."
        ) % {"months": months, "invoices": count(sizes["invoices"])}  # fmt: skip
    return _("%(months)s months of invoices and payments.") % {"months": months}


def _payment(verdict: str, sizes: Mapping[str, Any]) -> str:
    have = _("%(months)s months, %(customers)s customers and %(paid)s paid invoices.") % {
        "months": number(sizes["months"]),
        "customers": count(sizes["customers"]),
        "paid": count(sizes["settled"]),
    }
    if verdict == "too little":
        asked = _(
            "It takes %(months)s months and %(paid)s paid invoices at least. Until then expect the "
            "average of all, not of the customer."
        ) % {"months": number(MONTHS_LEAST, 0), "paid": count(SETTLED_LEAST)}
        return f"{have} {asked}"
    if verdict == "thin":
        asked = _(
            "It works, and better from %(months)s months, %(customers)s customers and %(paid)s "
            "paid invoices on. Single customers lean on the average until they have a history of "
            "their own."
        ) % {
            "months": number(MONTHS_GOOD, 0),
            "customers": count(CUSTOMERS_GOOD),
            "paid": count(SETTLED_GOOD),
        }
        return f"{have} {asked}"
    return have


def _effect(verdict: str, sizes: Mapping[str, Any]) -> str:
    contacts = sizes["contacts"]
    have = _(
        "%(contacts)s contacts, %(varied)s of them otherwise than usual, %(logged)s with a known "
        "probability."
    ) % {
        "contacts": count(contacts),
        "varied": percent(sizes["varied"]),
        "logged": percent(sizes["logged"]),
    }  # fmt: skip
    if verdict == "too little":
        why = (
            _("It takes %(contacts)s at least.") % {"contacts": count(CONTACTS_LEAST)}
            if contacts < CONTACTS_LEAST
            else _("Everybody was treated alike, so nothing shows what another way would do.")
        )
        then = _("Decisions start from what is known elsewhere, and learn by trying.")
        return f"{have} {why} {then}"
    if verdict == "thin":
        more = _("The best way for all shows from %(contacts)s on.") % {
            "contacts": count(CONTACTS_GOOD)
        }
    elif contacts < CONTACTS_PERSONAL:
        more = _(
            "That is enough for the best way for all; the best way for each takes %(contacts)s."
        ) % {"contacts": count(CONTACTS_PERSONAL)}
    else:
        more = _("That is enough for the best way for each.")
    return f"{have} {more}"


_SAID = {"audit": _audit, "payment predictor": _payment, "effect predictor": _effect}
