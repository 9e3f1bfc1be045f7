"""Django's registration of the app."""

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """The plan of the day and its review."""

    name = "tenor.platform.decisions"
    label = "decisions"

    def ready(self) -> None:
        """Let a switch reach what is planned and has not gone out: it is thrown below this app."""
        from tenor.platform.decisions.runs.recall import follow_switch
        from tenor.platform.governance.switches import followed_by

        followed_by(follow_switch)
