"""What every account for text messages asks for."""

from django.utils.translation import gettext_lazy as _

from tenor.platform.outreach.channels.provider import Field

COMMON = (
    Field(
        "sender", _("Sender"), "sender",
        hint=_("A number that can be answered, or a name of at most 11 letters."),
    ),
    Field("replies", _("Answers to this number reach Tenor"), "switch", needed=False),
    Field(
        "stop_hint", _("Say in every text message how to stop them"), "switch", needed=False,
        default="yes",
    ),
)  # fmt: skip
ADDRESS = Field(
    "api_url", _("Address of their API"), "url", needed=False,
    hint=_("Empty: their usual one. Fill it in for another region of theirs."),
)  # fmt: skip
