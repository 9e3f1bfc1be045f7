"""Django's registration of the app."""

from django.apps import AppConfig


class PayingConfig(AppConfig):
    """Payment providers."""

    name = "tenor.platform.paying"
    label = "paying"
