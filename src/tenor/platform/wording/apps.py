"""Django's registration of the app."""

from django.apps import AppConfig


class WordingConfig(AppConfig):
    """Words."""

    name = "tenor.platform.wording"
    label = "wording"
