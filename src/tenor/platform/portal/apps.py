"""Django's registration of the app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The page of the person who owes."""

    name = "tenor.platform.portal"
    label = "portal"
