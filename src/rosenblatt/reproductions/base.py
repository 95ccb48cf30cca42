"""What the result of a paper is here: an experiment, what was published, and a page."""

from collections.abc import Callable
from dataclasses import dataclass

from rosenblatt.experiments.base import Experiment
from rosenblatt.report.numbering import Contents
from rosenblatt.report.parts import Results, Section


@dataclass(frozen=True)
class Published:
    """A number that a source gives, beside ours.

    Attributes:
        what: the quantity, a few words.
        value: as the source has it.
        where: the place in the source; or that the source could not be read, and who quotes it.
        ours: writes our number, with its interval or spread; several on a line each.
        claim: the id of the claim whose verdict stands beside it; empty for none.
    """

    what: str
    value: str
    where: str
    ours: Callable[[Results], str]
    claim: str = ""


@dataclass(frozen=True)
class Reproduction:
    """A known result that is computed again.

    Attributes:
        experiment: question, settings and tasks; its id is the name of the result.
        section: the figures, tables and claims of the page, and its text.
        published: the numbers to compare.
        sources: references, the first being the source.
        seeds: runs for each setting where no number is asked for.
        takes: how long it takes on two cores, in words: "1 minute"; half of the processor time.
        full: the same with the sizes of the source; None where ``experiment`` has them.
        full_takes: how long that takes on two cores, in words.
    """

    experiment: Experiment
    section: Section
    published: tuple[Published, ...]
    sources: tuple[str, ...]
    seeds: int
    takes: str
    full: Experiment | None = None
    full_takes: str = ""

    @property
    def name(self) -> str:
        """The name that the command line takes."""
        return self.experiment.id

    @property
    def module(self) -> str:
        """The module whose code computes the rows."""
        return f"{self.section.package}.experiment"

    @property
    def contents(self) -> Contents:
        """Figures, tables and claims with their numbers on the page."""
        return Contents({self.name: self.section}, lambda: [self.section.template()])

    def chosen(self, *, full: bool) -> Experiment:
        """Return the experiment, with the sizes of the source where ``full``."""
        return self.full if full and self.full is not None else self.experiment
