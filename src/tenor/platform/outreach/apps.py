"""Django's registration of the app."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    """Messages and their sending."""

    name = "tenor.platform.outreach"
    label = "outreach"
