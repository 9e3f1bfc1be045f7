"""Django's registration of the app."""

from importlib import import_module

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """The append-only record of behaviour."""

    name = "tenor.platform.events"
    label = "events"

    def ready(self) -> None:
        """Let workers know how webhooks are told."""
        import_module("tenor.platform.events.deliveries")
