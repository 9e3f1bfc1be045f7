"""Django's registration of the app."""

from django.apps import AppConfig


class BankingConfig(AppConfig):
    """Money on the bank."""

    name = "tenor.platform.banking"
    label = "banking"
