"""Django's registration of the app."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Whether data, scores, outcomes and the world have moved."""

    name = "tenor.platform.monitoring"
    label = "monitoring"
