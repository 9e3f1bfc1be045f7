"""Django's registration of the app."""

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    """What goes live."""

    name = "tenor.platform.releases"
    label = "releases"
