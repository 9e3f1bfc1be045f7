"""Django's registration of the app."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Requests of people about their own data."""

    name = "tenor.platform.privacy"
    label = "privacy"
