"""What ways to pay, providers' fields and ends of payments are called."""

from django.utils.functional import Promise as Text
from django.utils.translation import gettext_lazy as _

Words = Text | str

METHODS: dict[str, Words] = {
    "ideal": _("iDEAL"),
    "bancontact": _("Bancontact"),
    "card": _("card"),
    "paypal": _("PayPal"),
    "debit": _("SEPA direct debit"),
    "transfer": _("transfer"),
}
# Of a provider's field: what it is called there, and where it is found.
FIELDS: dict[tuple[str, str], tuple[Words, Words]] = {
    ("mollie", "api_key"): (
        _("API key"),
        _("At Mollie: Developers, API keys. It begins with live_ or, to try it out, test_."),
    ),
    ("stripe", "api_key"): (
        _("Secret key"),
        _("At Stripe: Developers, API keys. It begins with sk_live_, rk_live_ or sk_test_."),
    ),
    ("stripe", "webhook_secret"): (
        _("Signing secret of the webhook"),
        _("Stripe shows it once you entered the address below. It begins with whsec_."),
    ),
}
# What is set at the provider with the address of our hook.
HOOKS: dict[str, Words] = {
    "mollie": _("Mollie is told this address with each payment: there is nothing to set there."),
    "stripe": _(
        "At Stripe, add this address as a webhook endpoint with the events below, and copy its "
        "signing secret into the field above."
    ),
}
EVENTS: dict[str, tuple[str, ...]] = {
    "stripe": (
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "charge.refunded",
        "charge.dispute.created",
    )
}
# Why a payment came to nothing, in a provider's code; another one is shown as it is.
REASONS: dict[str, Words] = {
    "insufficient_funds": _("not enough money in the account"),
    "card_declined": _("the card was refused"),
    "generic_decline": _("the card was refused"),
    "do_not_honor": _("the card was refused"),
    "refused_by_issuer": _("the card was refused"),
    "expired_card": _("the card is out of date"),
    "card_expired": _("the card is out of date"),
    "invalid_card_number": _("the card number is wrong"),
    "incorrect_number": _("the card number is wrong"),
    "incorrect_cvc": _("the security code is wrong"),
    "invalid_cvv": _("the security code is wrong"),
    "authentication_failed": _("the bank could not confirm who paid"),
    "authentication_required": _("the bank could not confirm who paid"),
    "inactive_card": _("the card is not in use"),
    "lost_card": _("the card is blocked"),
    "stolen_card": _("the card is blocked"),
    "possible_fraud": _("the provider held it back"),
    "provider_unavailable": _("the provider did not answer"),
}


def reason_words(code: str) -> str:
    """Return why a payment came to nothing, in words."""
    return str(REASONS.get(code, code.replace("_", " ")))


def method_words(code: str) -> str:
    """Return what a way to pay is called."""
    return str(METHODS.get(code, code))
