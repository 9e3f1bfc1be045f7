"""Django's registration of the app."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """The append-only record of behaviour."""

    name = "tenor.platform.events"
    label = "events"
