"""Django's registration of the app."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demonstration."""

    name = "tenor.platform.demo"
    label = "demo"
