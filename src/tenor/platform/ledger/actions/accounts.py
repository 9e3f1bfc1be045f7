"""Keep the organisation's own bank accounts: a wrong one would send everybody's money astray."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.payments.iban import IbanFault, fault, is_bic, normalise
from tenor.platform.core import audit
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.ledger.models import OwnAccount
from tenor.platform.ledger.values import currency_of, text_of

_KEPT = ("holder", "bic", "bank", "is_default")


def set_account(
    actor: Actor,
    *,
    iban: str,
    currency: str,
    holder: str,
    bic: str = "",
    bank: str = "",
    is_default: bool = True,
) -> OwnAccount:
    """Make an own account known, or change what is kept of it.

    The account number is checked. The account that is made the default of a currency takes the
    place of the one before it; a currency with accounts has always one.
    """
    actor.need(Right.ADMINISTER)
    number, currency = iban_of(iban), currency_of(currency)
    values: dict[str, Any] = {
        "holder": text_of(holder, field="holder", most=70, needed=True),
        "bic": _bic_of(bic),
        "bank": text_of(bank, field="bank", most=100),
    }
    with transaction.atomic():
        others = _of_currency(actor, currency, besides=number)
        values["is_default"] = is_default or not any(row.is_default for row in others)
        if values["is_default"]:
            for row in others:
                _mark(row, is_default=False)
        row, is_new = OwnAccount.objects.of(actor.organisation).get_or_create(
            iban=number, currency=currency, defaults=values
        )
        before = None if is_new else {name: getattr(row, name) for name in _KEPT}
        if before != values:
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
            audit.record(
                actor, "own_account.set", f"own_account:{number}:{currency}", before=before,
                after=values,
            )  # fmt: skip
    account: OwnAccount = row
    return account


def remove_account(actor: Actor, *, number: int) -> None:
    """Take an own account away; where messages named it, the oldest other of its currency does."""
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        row: OwnAccount = row_for(actor, OwnAccount, pk=number, lock=True)
        others = _of_currency(actor, row.currency, besides=row.iban)
        before = {name: getattr(row, name) for name in _KEPT}
        row.delete()
        if before["is_default"] and others:
            _mark(others[0], is_default=True)
        audit.record(
            actor, "own_account.remove", f"own_account:{row.iban}:{row.currency}", before=before
        )


def iban_of(value: str, *, field: str = "iban") -> str:
    """Return an account number as it is kept, or refuse it and say what is wrong with it."""
    number = normalise(text_of(value, field=field, most=60, needed=True))
    wrong = fault(number)
    if wrong is not None:
        raise Invalid(_SAID[wrong](), field=field)
    return number


# Called when they are needed: who asks says in which language.
_SAID = {
    IbanFault.CHARACTERS: lambda: _(
        "An account number is an IBAN: two letters, two digits, then letters and digits."
    ),
    IbanFault.COUNTRY: lambda: _("No country's account numbers begin with these two letters."),
    IbanFault.LENGTH: lambda: _("This account number is too long or too short for its country."),
    IbanFault.CHECKSUM: lambda: _(
        "This account number is mistyped: its check digits do not come out. Compare it again."
    ),
    IbanFault.STRUCTURE: lambda: _(
        "This account number has a letter where its country has digits, or the reverse."
    ),
}


def _bic_of(value: str) -> str:
    bic = normalise(text_of(value, field="bic", most=20))
    if bic and not is_bic(bic):
        raise Invalid(_("A BIC has 8 or 11 letters and digits, as in INGBNL2A."), field="bic")
    return bic


def _of_currency(actor: Actor, currency: str, *, besides: str) -> list[OwnAccount]:
    rows = OwnAccount.objects.of(actor.organisation).filter(currency=currency)
    return list(rows.exclude(iban=besides).select_for_update().order_by("pk"))


def _mark(row: OwnAccount, *, is_default: bool) -> None:
    row.is_default = is_default
    row.save(update_fields=["is_default"])
