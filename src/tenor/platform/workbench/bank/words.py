"""What the bank's codes mean, as people say them."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from tenor.platform.workbench.templatetags.tenor import money

STATES = {
    "waiting": pgettext_lazy("bank line", "Waiting"),
    "booked": pgettext_lazy("bank line", "Booked"),
    "returned": pgettext_lazy("bank line", "Taken back"),
    "aside": pgettext_lazy("bank line", "Set aside"),
    "": pgettext_lazy("bank line", "All"),
}
STATE_WORDS = {
    **STATES,
    "new": pgettext_lazy("bank line", "New"),
    "passed": pgettext_lazy("bank line", "Nothing to do"),
}
MEANINGS = {"waiting": "wait", "booked": "good", "returned": "careful", "new": "wait"}
BASES = {
    "REFERENCE": gettext_lazy("The payment reference is theirs"),
    "NUMBER": gettext_lazy("The invoice number stands in the text"),
    "CUSTOMER": gettext_lazy("The customer number stands in the text"),
    "ACCOUNT": gettext_lazy("Paid from this account before"),
    "NAME": gettext_lazy("The payer is called so"),
    "AMOUNT": gettext_lazy("Only the amount fits"),
    "RETURN": gettext_lazy("This payment may be the one that went back"),
    "HAND": gettext_lazy("Booked by hand"),
}
EVIDENCE = {
    "SAME_ACCOUNT": gettext_lazy("the account too"),
    "SAME_NAME": gettext_lazy("the name too"),
    "SAME_AMOUNT": gettext_lazy("exactly what is open"),
    "OTHER_ACCOUNT": gettext_lazy("but the account is another customer's"),
    "OTHER_CUSTOMERS": gettext_lazy("but these are several customers"),
    "DISCOUNT": gettext_lazy("less the discount for paying early"),
    "CREDIT": gettext_lazy("less their credit"),
    "NOTHING_OPEN": gettext_lazy("but nothing is open: paid twice?"),
}
# Why a line waits, where no proposal says it.
WHY = {
    "BAD_CHECKSUM": gettext_lazy("The payment reference is mistyped: compare it with the invoice."),
    "AMBIGUOUS": gettext_lazy("Several invoices fit equally well."),
    "NOTHING": gettext_lazy("Nothing open fits. Search for the customer, or set it aside."),
    "BATCH": gettext_lazy(
        "A batch: the bank has not told yet which payments it is made of. Take in the CAMT.054, "
        "or split it by hand."
    ),
    "MONEY_BACK": gettext_lazy("Money of yours that came back: a refund that did not arrive?"),
    "RETURN": gettext_lazy("Money that went back, and no payment of which it is sure."),
    "": gettext_lazy("This was undone: somebody chooses."),
}
# Said beside a proposal too: it is a guess.
WARNED = ("BAD_CHECKSUM", "AMBIGUOUS")
HINTS = {
    "retry": gettext_lazy(
        "There was not enough money, or a technical fault. Collecting again later may work."
    ),
    "new_account": gettext_lazy("This account will not do any more: ask for another one."),
    "fix_data": gettext_lazy("Something in the collection was wrong: put it right first."),
    "other_method": gettext_lazy(
        "The customer or their bank refused: agree on another way of paying, do not collect again."
    ),
    "deceased": gettext_lazy("The account holder has died: stop, and handle it with care."),
    "compliance": gettext_lazy("The bank stopped it for a reason of law: ask compliance."),
    "ask": gettext_lazy("The bank does not say why: ask the customer before collecting again."),
}
ASIDE = {
    "not_ours": gettext_lazy("Not from a customer"),
    "refund": gettext_lazy("We pay it back"),
    "internal": gettext_lazy("Between our own accounts"),
    "other": gettext_lazy("Another reason (say which)"),
}


def remark(one: dict[str, Any]) -> str:
    """Say what was noticed in a file."""
    code, count = one["code"], one.get("count", 0)
    if code == "pending":
        return ngettext(
            "%(count)s pending entry is not booked yet: it comes again when it is.",
            "%(count)s pending entries are not booked yet: they come again when they are.",
            count,
        ) % {"count": count}
    if code == "unreferenced":
        return ngettext(
            "%(count)s entry within the day has no reference of the bank; it comes again in the "
            "statement.",
            "%(count)s entries within the day have no reference of the bank; they come again in "
            "the statement.",
            count,
        ) % {"count": count}
    amount = money(one["amount"], one["currency"])
    if code == "gap":
        return _(
            "Before statement %(number)s something is missing since %(day)s: the balances differ "
            "by %(amount)s. Take in the statements between."
        ) % {"number": one["number"], "day": one["day"], "amount": amount}
    said = _("Statement %(number)s does not add up: %(amount)s too much. You took it all the same.")
    return said % {"number": one["number"], "amount": amount}


def outcome(counts: dict[str, int]) -> list[str]:
    """Say what became of a file's lines."""
    said = []
    for state, one, many in (
        ("booked", _("%(count)s payment is booked"), _("%(count)s payments are booked")),
        ("waiting", _("%(count)s waits for you"), _("%(count)s wait for you")),
        ("returned", _("%(count)s payment is taken back"), _("%(count)s payments are taken back")),
        ("aside", _("%(count)s is set aside"), _("%(count)s are set aside")),
        ("passed", _("%(count)s needs nothing"), _("%(count)s need nothing")),
        ("new", _("%(count)s is still to be looked at"), _("%(count)s are still to be looked at")),
    ):
        count = counts.get(state, 0)
        if count:
            said.append((one if count == 1 else many) % {"count": count})
    return said
