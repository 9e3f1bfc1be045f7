"""Django's registration of the app."""

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Comparing ways of working on people drawn by lot."""

    name = "tenor.platform.experiments"
    label = "experiments"
