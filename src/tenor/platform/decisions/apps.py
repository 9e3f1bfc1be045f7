"""Django's registration of the app."""

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """The plan of the day and its review."""

    name = "tenor.platform.decisions"
    label = "decisions"
