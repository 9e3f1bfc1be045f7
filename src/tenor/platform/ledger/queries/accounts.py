"""The organisation's own bank accounts: where it is paid."""

from tenor.engine.payments.iban import normalise
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import OwnAccount


def accounts(organisation: Organisation) -> list[OwnAccount]:
    """Return the accounts, by currency, the one that messages name first."""
    return list(
        OwnAccount.objects.of(organisation).order_by("currency", "-is_default", "iban", "pk")
    )


def own_account(organisation: Organisation, currency: str) -> OwnAccount | None:
    """Return the account that messages name to who pays in `currency`; None: there is none."""
    rows = OwnAccount.objects.of(organisation).filter(currency=currency, is_default=True)
    found: OwnAccount | None = rows.first()
    return found


def accounts_of_number(organisation: Organisation, number: str) -> list[OwnAccount]:
    """Return the own accounts of an account number, one a currency."""
    rows = OwnAccount.objects.of(organisation).filter(iban=normalise(number))
    return list(rows.order_by("-is_default", "currency"))
