"""Django's registration of the app."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """Facts from elsewhere."""

    name = "tenor.platform.connectors"
    label = "connectors"
