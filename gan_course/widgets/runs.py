"""The runs of a lab: none is lost when another begins."""

from dataclasses import asdict, dataclass, field, replace

from gan_course.config import Controls, TrainConfig
from gan_course.coverage import Coverage
from gan_course.data import Dataset, kind_of
from gan_course.quality import QualityLog
from gan_course.trainer import Trainer

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass
class Run:
    """One run.

    Attributes:
        trainer: what plays it.
        name: for people, as "B: A from step 400".
        parent: the index of the run it branched from; None if it began at step 0.
        start: the step at which it left its parent.
        coverage: what was seen of its modes.
        quality: what was measured of its images.
    """

    trainer: Trainer
    name: str
    parent: int | None = None
    start: int = 0
    coverage: Coverage = field(default_factory=Coverage)
    quality: QualityLog = field(default_factory=QualityLog)
    _marks: tuple = (0, None, [])  # of how many changes, the last of them, in words

    @property
    def marks(self) -> list[list]:
        """Each change as [step, words]."""
        log = self.trainer.log
        count, last, words = self._marks
        if count != len(log) or (log and log[-1] is not last):
            words = marks(self.trainer)
            self._marks = (len(log), log[-1] if log else None, words)
        return words


class Runs:
    """All runs of a lab, the one that trains, and the one that is drawn beside it.

    Attributes:
        all: the `Run`s, oldest first.
        active: the index of the one that trains.
        compared: the index of the one beside it; None: none is.
    """

    def __init__(self, trainer: Trainer):
        self.all: list[Run] = []
        self.compared: int | None = None
        self.begin(trainer)

    @property
    def trainer(self) -> Trainer:
        """The one that trains."""
        return self.all[self.active].trainer

    def begin(self, trainer: Trainer) -> None:
        """A run that began at step 0: it trains from now on."""
        self._add(trainer, f"{trainer.config.dataset}, {trainer.config.architecture}, seed {trainer.config.seed}")

    def branch(self, trainer: Trainer) -> None:
        """A branch of the run that trains, as it left it: it trains from now on, and the old one is drawn beside it."""
        parent = self.active
        self._add(trainer, f"{self.letter(parent)} from step {trainer.steps}", parent, trainer.steps)
        self.all[self.active].coverage = self.all[parent].coverage.until(trainer.steps)
        self.all[self.active].quality = self.all[parent].quality.until(trainer.steps)
        self.compared = parent

    def _add(self, trainer, name, parent=None, start=0):
        self.active = len(self.all)
        self.all.append(Run(trainer, f"{self.letter(self.active)}: {name}", parent, start))

    @staticmethod
    def letter(index: int) -> str:
        """What a run is called for short: A to Z, then A1 to Z1, and so on."""
        round_, place = divmod(index, len(LETTERS))
        return LETTERS[place] + (str(round_) if round_ else "")

    def check(self, index: int) -> int:
        """The index, if there is such a run.

        Raises:
            ValueError: there is none.
        """
        if not isinstance(index, int) or not 0 <= index < len(self.all):
            raise ValueError(f"there is no run {index!r}: this lab has runs 0 to {len(self.all) - 1}.")
        return index

    def choose(self, index: int) -> None:
        """Train another one of them.

        Raises:
            ValueError: there is none of that index.
        """
        self.active = self.check(index)
        if self.compared == index:
            self.compared = None

    def compare(self, index: int | None) -> None:
        """Draw another one beside the one that trains; None: none.

        Raises:
            ValueError: it trains itself, makes another kind of sample, or there is none of that index.
        """
        if index is not None:
            other = self.all[self.check(index)].trainer
            if index == self.active:
                raise ValueError("a run can't be compared with itself: choose another one.")
            if other.data.kind != self.trainer.data.kind:
                raise ValueError(
                    f"{other.data.kind} can't be drawn beside {self.trainer.data.kind}: choose another run."
                )
        self.compared = index

    def state(self, looking: int | None, playing: bool) -> dict:
        """What the timeline shows."""
        return {
            "runs": [
                dict(name=run.name, parent=run.parent, start=run.start, steps=run.trainer.steps, changes=run.marks)
                for run in self.all
            ],
            "active": self.active, "compare": self.compared, "looking": looking, "playing": playing,
        }  # fmt: skip


def marks(trainer: Trainer) -> list[list]:
    """Each change of a run as [step, words]."""
    controls, found = trainer.config.controls, []
    for step, change in trainer.log:
        controls = replace(controls, **change)
        found.append([step, change_words(change, controls)])
    return found


def change_words(change: dict, controls: Controls) -> str:
    """A change in few words, as "D:G 5:1, lr_d 0.0002".

    Args:
        change: {control: value}.
        controls: all of them, after the change.
    """
    words = [f"D:G {controls.d_steps}:{controls.g_steps}"] if {"d_steps", "g_steps"} & set(change) else []
    for name, value in change.items():
        if name == "loss":
            words.append(value)
        elif isinstance(value, bool):
            words.append(f"{name} {'on' if value else 'off'}")
        elif name not in ("d_steps", "g_steps"):
            words.append(f"{name} {value:.3g}")
    return ", ".join(words)


def carried_over(old: Trainer, new: Trainer) -> dict:
    """The controls that a new run takes over from an old one: all, if they make the same kind of sample."""
    return asdict(old.controls) if old.config.architecture == new.config.architecture else {}


def new_config(old: Trainer, data: Dataset | None, changes: dict) -> tuple[Dataset | None, TrainConfig]:
    """What a new run is made of, if it is to differ from an old one by `changes`.

    Settings that suit points do not suit images: between them only the changes count, and all else is automatic.

    Args:
        old: the run to differ from. Data of its author's own are kept unless `data` or another data set is given.
        data: samples of your own.
        changes: as for `TrainConfig`.
    """
    if data is None and "data" in old._own and changes.get("dataset", old.data.name) == old.data.name:
        data = old.data
    config = replace(old.config, **changes) if data is None else replace(old.config, dataset=data.name, **changes)
    kind = kind_of(config.dataset) if data is None else data.kind
    if kind != old.data.kind:
        config = TrainConfig(**{"dataset": config.dataset, "seed": config.seed} | changes)
    return data, config
