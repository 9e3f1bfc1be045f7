"""Where the made-up world of a demonstration is kept."""

from django.db import models

from tenor.platform.core.models import Organisation


class DemoWorld(models.Model):
    """The world behind a demonstration's organisation: a file that its payers live in."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="+")
    # Below the data folder.
    file = models.CharField(max_length=300)
    customers = models.PositiveIntegerField()
    seed = models.PositiveIntegerField()
    # The day up to which it has been played: the demonstration's clock follows it.
    played_to = models.DateTimeField()
