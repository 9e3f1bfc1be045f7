"""Django's registration of the app."""

from django.apps import AppConfig


class PoolingConfig(AppConfig):
    """Learning together with other organisations."""

    name = "tenor.platform.pooling"
    label = "pooling"
