"""Django's registration of the app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Who owes what."""

    name = "tenor.platform.ledger"
    label = "ledger"
