"""Django's registration of the app."""

from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    """The screens."""

    name = "tenor.platform.workbench"
    label = "workbench"
