"""Django's registration of the app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The typed HTTP API."""

    name = "tenor.platform.api"
    label = "api"
