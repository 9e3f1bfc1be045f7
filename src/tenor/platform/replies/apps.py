"""Django's registration of the app."""

from django.apps import AppConfig


class RepliesConfig(AppConfig):
    """What comes back."""

    name = "tenor.platform.replies"
    label = "replies"
