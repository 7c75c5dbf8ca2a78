"""Sales processes: a list of stages in their order, and the ways out of them.

A process is only that: every function takes ``stages=`` and ``exits=``, and anything the user
gives works like the presets here. The stages are spelt as the systems export them.

===================== ==========================================================================
preset                where it comes from
===================== ==========================================================================
``solution_selling``  the grades of the sales-system source, §3 and §7
``buying_steps``      the steps that an organisational customer goes through, §13
``salesforce``        Salesforce's standard values of Opportunity Stage
``hubspot``           HubSpot's default sales pipeline, by its labels (not the internal ids)
``dynamics``          Dynamics 365: stages of the opportunity sales process, status reasons as exits
===================== ==========================================================================
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from salesanalysis.columns import CANCELLED, LOST, WON
from salesanalysis.errors import SalesAnalysisError, did_you_mean
from salesanalysis.text import has, sentence


@dataclass(frozen=True)
class Process:
    """A sales process.

    Attributes
    ----------
    name : str
        Its name; texts about its stages are found under it.
    stages : tuple of str
        The stages in their order, without the ways out.
    exits : mapping of outcome to tuple of str
        Which stages mean ``won``, ``lost`` or ``cancelled``; empty where the deal list says so.

    Raises
    ------
    SalesAnalysisError
        No stage, one named twice, one that is also an exit, or an outcome that does not exist.

    Examples
    --------
    >>> mine = Process("mine", ["lead", "offer"], {"won": "signed", "lost": ["lost", "gone"]})
    >>> mine.stages, mine.exits["lost"]
    (('lead', 'offer'), ('lost', 'gone'))
    """

    name: str
    stages: Sequence[str]
    exits: Mapping[str, Sequence[str] | str]

    def __post_init__(self) -> None:
        stages = (self.stages,) if isinstance(self.stages, str) else tuple(self.stages)
        exits = {
            outcome: (names,) if isinstance(names, str) else tuple(names)
            for outcome, names in self.exits.items()
        }
        if not stages:
            raise SalesAnalysisError("`stages` is empty; expected the stages in their order.")
        unknown = [outcome for outcome in exits if outcome not in (WON, LOST, CANCELLED)]
        if unknown:
            raise SalesAnalysisError(
                f"`exits` has {', '.join(map(repr, unknown))}; its keys are {WON}, {LOST} and"
                f" {CANCELLED}, its values the names of the stages that mean so."
            )
        every = [*stages, *(name for names in exits.values() for name in names)]
        twice = sorted({name for name in every if every.count(name) > 1})
        if twice:
            raise SalesAnalysisError(
                f"{', '.join(twice)} is named more than once. A stage stands in `stages` or under"
                " one outcome of `exits`."
            )
        # A frozen dataclass is set this way; a read-only view keeps the presets what they are.
        object.__setattr__(self, "stages", stages)
        object.__setattr__(self, "exits", MappingProxyType(exits))


PROCESSES = MappingProxyType(
    {
        preset.name: preset
        for preset in (
            Process(
                "solution_selling",
                ("T", "S", "D", "C", "B", "A"),
                {WON: "W", LOST: "L"},
            ),
            Process(
                "buying_steps",
                ("feels_fine", "sees_need", "evaluates", "decides", "uses"),
                {},
            ),
            Process(
                "salesforce",
                (
                    "Prospecting",
                    "Qualification",
                    "Needs Analysis",
                    "Value Proposition",
                    "Id. Decision Makers",
                    "Perception Analysis",
                    "Proposal/Price Quote",
                    "Negotiation/Review",
                ),
                {WON: "Closed Won", LOST: "Closed Lost"},
            ),
            Process(
                "hubspot",
                (
                    "Appointment Scheduled",
                    "Qualified To Buy",
                    "Presentation Scheduled",
                    "Decision Maker Bought-In",
                    "Contract Sent",
                ),
                {WON: "Closed Won", LOST: "Closed Lost"},
            ),
            Process(
                "dynamics",
                ("Qualify", "Develop", "Propose", "Close"),
                {WON: "Won", LOST: ("Lost", "Out-Sold"), CANCELLED: "Canceled"},
            ),
        )
    }
)


def process(name: str) -> Process:
    """The preset of that name.

    Raises
    ------
    SalesAnalysisError
        No preset has that name; the message lists those that exist.

    Examples
    --------
    >>> process("solution_selling").stages
    ('T', 'S', 'D', 'C', 'B', 'A')
    """
    if name in PROCESSES:
        return PROCESSES[name]
    raise SalesAnalysisError(
        f"`process` is {name!r}, which is no preset."
        + did_you_mean(name, PROCESSES)
        + f" Presets: {', '.join(PROCESSES)}. Any other process is given by its `stages` and"
        " `exits`."
    )


def given(
    name: str, stages: Sequence[str] = (), exits: Mapping[str, Sequence[str]] | None = None
) -> Process:
    """The process of a report: the stages that the user gives, else those of the preset.

    Parameters
    ----------
    name : str
        A preset, used where ``stages`` is empty.
    stages : list of str
        The user's own stages in their order; the exits of a preset do not go with them.
    exits : dict of outcome to stage names
        The user's own exits; those of the preset where there are none.

    Examples
    --------
    >>> given("solution_selling").stages[:2], given("", ["Lead", "Offer"]).stages
    (('T', 'S'), ('Lead', 'Offer'))
    """
    if stages:
        return Process("own", tuple(stages), dict(exits or {}))
    preset = process(name)
    return Process(preset.name, preset.stages, dict(exits or preset.exits))


def stage_meanings(process: Process, *, lang: str = "en"):
    """What each stage and exit of a process means, and what verifies it, in words.

    Parameters
    ----------
    process : Process
        A preset; one of the user's own has no texts, so its words are missing.
    lang : str
        One of :data:`salesanalysis.text.LANGUAGES`.

    Returns
    -------
    DataFrame
        One row per stage, then one per exit: ``stage, meaning, evidence`` (missing where the
        source gives none).

    Examples
    --------
    >>> stage_meanings(process("solution_selling")).iloc[2].tolist()
    ['D', 'Qualified sponsor', 'A sponsor letter whose content the customer has agreed to']
    """
    import pandas as pd

    def words(stage: str, what: str) -> str | None:
        key = f"funnel.process.{process.name}.{stage}.{what}"
        return sentence(key, lang) if has(key, lang) else None

    stages = [*process.stages, *(name for names in process.exits.values() for name in names)]
    rows = [(stage, words(stage, "meaning"), words(stage, "evidence")) for stage in stages]
    return pd.DataFrame(rows, columns=["stage", "meaning", "evidence"], dtype=object)


def stage_names(process: Process, *, lang: str = "en") -> dict[str, str]:
    """The stages of a preset by their sign and their name, as people say them.

    Parameters
    ----------
    process : Process
        A preset; where stages have names of their own, as those of the user, there are none.
    lang : str
        One of :data:`salesanalysis.text.LANGUAGES`.

    Examples
    --------
    >>> stage_names(process("solution_selling"))["C"], stage_names(process("salesforce"))
    ('C Power sponsor', {})
    """
    keys = {stage: f"funnel.process.{process.name}.{stage}.name" for stage in process.stages}
    return {
        stage: f"{stage} {sentence(key, lang)}" for stage, key in keys.items() if has(key, lang)
    }
