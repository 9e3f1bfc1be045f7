"""Django's registration of the app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Organisations, people, rights, audit, clock and jobs."""

    name = "tenor.platform.core"
    label = "core"
