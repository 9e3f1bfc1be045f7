"""What is learned anew is learned once, whoever asks for it."""

from cast import Cast
from tenor.platform.core.models import Job
from tenor.platform.governance import fitting
from tenor.platform.jobs import schedule


def learnings(cast: Cast) -> list[Job]:
    return list(Job.objects.filter(kind="fit_predictor", organisation=cast.organisation))


def test_a_wish_while_the_timetable_is_due_is_the_same_learning(cast: Cast) -> None:
    asked = fitting.request_fit(cast.actor("analyst"))
    assert schedule.each_training(cast.organisation)
    schedule.put_due()
    assert learnings(cast) == [asked]


def test_a_wish_after_the_timetable_had_its_turn_is_the_same_learning(cast: Cast) -> None:
    schedule.put_due()
    (put_down,) = learnings(cast)
    assert fitting.request_fit(cast.actor("analyst")).pk == put_down.pk
    assert learnings(cast) == [put_down]
    Job.objects.filter(pk=put_down.pk).update(state=Job.State.DONE)
    assert fitting.request_fit(cast.actor("analyst")).pk != put_down.pk
