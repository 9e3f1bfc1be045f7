"""The form in which an experiment is drawn up."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenor.platform.core.models import Organisation
from tenor.platform.experiments.actions import ArmDraft, Draft, Factor
from tenor.platform.experiments.options import Option, option_called, options, today
from tenor.platform.experiments.queries import Experiment
from tenor.platform.wording.queries import other_texts
from tenor.platform.workbench.forms import HouseForm
from tenor.platform.workbench.rules.words import SEGMENTS
from tenor.platform.workbench.words import word_of

AB, FACTORIAL, PILOT = "ab", "factorial", "pilot"
_PERCENT = Decimal(100)
# More than that nobody reads through.
_MOST_TEXTS = 20


class ExperimentForm(HouseForm):
    """The question, what differs, who takes part, for how long, and what stops it."""

    name = forms.CharField(label=_("Name"), max_length=120)
    question = forms.CharField(
        label=_("What do you want to know?"), max_length=300,
        help_text=_("A question that has an answer: does a firm first e-mail bring in more?"),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=_("How"),
        choices=(
            (AB, _("One thing: today's way beside one or two others")),
            (FACTORIAL, _("Two things at once, in every combination")),
            (PILOT, _("A pilot: a new way for a part of one group, beside the rest of it")),
        ),
        widget=forms.RadioSelect,
        initial=AB,
    )
    second = forms.ChoiceField(label=_("What is done otherwise"))
    third = forms.ChoiceField(
        label=_("And what else"), required=False,
        help_text=_("A third way of working, or the second thing of two."),
    )  # fmt: skip
    own = forms.CharField(
        label=_("Another key of the rules"), required=False, max_length=200,
        help_text=_("Where the list has it not: limits.min_days_between = 7"),
    )  # fmt: skip
    segments = forms.MultipleChoiceField(
        label=_("Who can take part"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("By how they pay. None ticked: everybody."),
    )  # fmt: skip
    percent = forms.DecimalField(
        label=_("How many of them take part (%)"), min_value=1, max_value=100, initial=100,
        help_text=_("Chance says who, and equally many get each way. The others stay as they are."),
    )  # fmt: skip
    together_by = forms.CharField(
        label=_("Keep together by"), required=False, max_length=60,
        help_text=_("The name of a column of your customers, such as household: who has the same "
                    "value gets the same way."),
    )  # fmt: skip
    amount_below = forms.DecimalField(
        label=_("Only customers who owe less than"), required=False, min_value=1,
        max_digits=12, decimal_places=2,
        help_text=_("Nothing is tried on people who are in difficulty, dispute an invoice, or "
                    "objected; that needs no bound."),
    )  # fmt: skip
    days = forms.IntegerField(
        label=_("Days in which people come in"), min_value=1, max_value=365, initial=60
    )
    outcome_days = forms.IntegerField(
        label=_("Days after which each is looked at"), min_value=7, max_value=180, initial=30,
        help_text=_("What was due when somebody came in: was it paid within so many days?"),
    )  # fmt: skip
    effect = forms.DecimalField(
        label=_("Difference worth knowing, in 100"),
        min_value=Decimal("0.5"), max_value=50, initial=5, decimal_places=1,
    )  # fmt: skip
    guard_paid = forms.DecimalField(
        label=_("Fewer pay, in 100"),
        required=False,
        min_value=Decimal("0.1"),
        max_value=100,
        initial=5,
    )
    guard_complained = forms.DecimalField(
        label=_("More complain, in 100"),
        required=False,
        min_value=Decimal("0.1"),
        max_value=100,
        initial=1,
    )
    guard_opted_out = forms.DecimalField(
        label=_("More opt out, in 100"),
        required=False,
        min_value=Decimal("0.1"),
        max_value=100,
        initial=2,
    )

    def __init__(self, organisation: Organisation, *args: Any, **given: Any) -> None:
        """Remember whose form it is: what can be tried depends on it."""
        self.organisation = organisation
        super().__init__(*args, **given)

    def offer(self) -> None:
        """Offer what this organisation can try."""
        self.texts = texts_of(self.organisation)
        groups = options(self.organisation, self.texts, word_of)
        listed: list[Any] = [
            (heading, [(o.code, o.label) for o in some]) for heading, some in groups if heading
        ]
        listed.append((_("Something else"), [("own", _("Another key, written below"))]))
        choices: dict[str, list[Any]] = {
            "second": [("", _("Choose…")), *listed],
            "third": [("", _("Nothing else")), *listed],
            "segments": [(name, words[0]) for name, words in SEGMENTS.items()],
        }
        for name, some in choices.items():
            field: Any = self.fields[name]
            field.choices = some

    def draft(self) -> Draft:
        """Return what was filled in, as the action takes it."""
        given = self.cleaned_data
        second = self._option("second")
        third = self._option("third") if given["third"] else None
        return Draft(
            name=given["name"],
            question=given["question"],
            kind=given["kind"],
            **self._ways(given["kind"], second, third),
            share=float(given["percent"] / _PERCENT),
            segments=tuple(given["segments"]),
            together_by=given["together_by"],
            amount_below=given["amount_below"],
            outcome_days=given["outcome_days"],
            days=given["days"],
            guards=self._guards(),
        )

    def _option(self, field: str) -> Option:
        given = self.cleaned_data
        return option_called(self.organisation, given[field], given["own"], self.texts, word_of)

    def _ways(self, kind: str, second: Option, third: Option | None) -> dict[str, Any]:
        if kind == FACTORIAL:
            values = [one for one in (second, third) if one is not None]
            factors = [Factor(one.label, (today().as_level(), one.as_level())) for one in values]
            return {"factors": factors}
        first = today().as_arm()
        if kind == PILOT:
            first = ArmDraft(str(_("The rest of the group, as it is today")))
        arms = [first, second.as_arm()]
        return {"arms": [*arms, *([third.as_arm()] if third else [])]}

    def _guards(self) -> dict[str, float]:
        names = {"paid_30d": "paid", "complained": "complained", "opted_out": "opted_out"}
        found = {name: self.cleaned_data[f"guard_{field}"] for name, field in names.items()}
        return {name: float(most / _PERCENT) for name, most in found.items() if most}


def texts_of(organisation: Organisation) -> list[Option]:
    """Return own texts that could be sent in the place of those in force."""
    return [
        Option(
            f"text:{row.pk}",
            _("Text %(number)s: %(kind)s, %(tone)s, %(language)s")
            % {
                "number": row.number, "kind": word_of(row.kind), "tone": word_of(row.tone),
                "language": row.language,
            },
            texts=(row.pk,),
        )
        for row in other_texts(organisation)[:_MOST_TEXTS]
    ]  # fmt: skip


def initial_of(experiment: Experiment, arms: list[Any], groups: list[Any]) -> dict[str, Any]:
    """Return a draft as the form shows it again."""
    sought = [(a.way, a.changes, a.policy, a.predictor, tuple(a.texts)) for a in arms[1:]]
    if experiment.kind == FACTORIAL:
        tried = [factor["levels"][1] for factor in experiment.factors]
        sought = [("changed", t["changes"], None, None, tuple(t.get("texts", []))) for t in tried]
    chosen = [_code(one, groups) for one in sought]
    guards = {
        f"guard_{field}": round(100 * experiment.guards[name], 2)
        for name, field in (
            ("paid_30d", "paid"), ("complained", "complained"), ("opted_out", "opted_out"),
        )
        if name in experiment.guards
    }  # fmt: skip
    own = next((words for code, words in chosen if code == "own"), "")
    return {
        "name": experiment.name, "question": experiment.question, "kind": experiment.kind,
        "second": chosen[0][0] if chosen else "", "third": chosen[1][0] if chosen[1:] else "",
        "own": own, "segments": experiment.segments, "percent": round(100 * experiment.share, 1),
        "together_by": experiment.together_by, "amount_below": experiment.amount_below,
        "days": experiment.days, "outcome_days": experiment.outcome_days,
        "effect": round(100 * float(experiment.planned.get("effect", 0.05)), 1), **guards,
    }  # fmt: skip


def _code(sought: tuple[Any, ...], groups: Any) -> tuple[str, str]:
    """Return the code of a way of working, and its words where it is in no list."""
    for _heading, some in groups:
        for one in some:
            if (one.way, one.changes or {}, one.policy, one.predictor, one.texts) == sought:
                return one.code, one.label
    key, value = next(iter((sought[1] or {"": ""}).items()))
    return "own", f"{key} = {value}"
