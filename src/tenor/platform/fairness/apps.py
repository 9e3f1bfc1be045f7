"""Django's registration of the app."""

from django.apps import AppConfig


class FairnessConfig(AppConfig):
    """Audits between groups of people."""

    name = "tenor.platform.fairness"
    label = "fairness"
