"""Django's registration of the app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The day, the timetable, the worker."""

    name = "tenor.platform.jobs"
    label = "jobs"
