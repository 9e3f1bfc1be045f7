"""Django's registration of the app."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """Versions of predictors and rules."""

    name = "tenor.platform.governance"
    label = "governance"
