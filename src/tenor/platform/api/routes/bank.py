"""Bank files: a statement in, each line once."""

from typing import Annotated, Any

from ninja import Field, Status
from pydantic import Base64Bytes, StringConstraints

from tenor.platform.api.door import Door, Given
from tenor.platform.api.guard import Caller, writing
from tenor.platform.api.values import Moment, Shown
from tenor.platform.core.roles import Scope
from tenor.platform.jobs.bank import take_in

door = Door(tags=["payments"])
# As much as fits into one request; what is larger goes through the folder or the workbench.
MOST_BASE64 = 16_000_000
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class NewBankFile(Given):
    """A statement as the bank gives it: CAMT.052, 053 or 054, MT940 or MT942, or a ZIP of them."""

    name: Name = Field(description="Its name.", examples=["2026-03-10.xml"])
    content: Base64Bytes = Field(max_length=MOST_BASE64, description="The file, as base64.")
    accept_difference: bool = Field(
        False, description="Take it in although its balances and lines do not add up."
    )


class BankFile(Shown):
    """A file that was taken in. What is sure is booked at once or soon, the rest waits."""

    id: int
    name: str
    format: str
    lines: int
    known: int = Field(description="How many of its lines another file told before.")
    taken_at: Moment


@door.post(
    "/bank-files",
    auth=writing(Scope.PAYMENTS),
    response={201: list[BankFile]},
    summary="Give a bank file",
)
def give_bank_file(request: Caller, given: NewBankFile) -> Status[Any]:
    """Take in a bank's file whole, or refuse it; a file that was given before is refused (409)."""
    taken = take_in(
        request.auth, [(given.name, given.content)], accept_difference=given.accept_difference
    )
    return Status(201, taken)
