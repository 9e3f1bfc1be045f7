"""Django's registration of the app."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Whether data."""

    name = "tenor.platform.monitoring"
    label = "monitoring"
