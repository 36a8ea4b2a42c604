"""What stands in the tabs of a lab: what is drawn, a new run, and what is kept."""

from collections.abc import Callable

import ipywidgets

from gan_course.config import FOR_POINTS, PRESETS
from gan_course.data import DATASETS
from gan_course.trainer import Trainer
from gan_course.widgets.code_box import CodeBox
from gan_course.widgets.controls import WIDE, LatentPanel

ARCHITECTURES = {
    "points": [name for name in PRESETS if name in FOR_POINTS],
    "images": [name for name in PRESETS if name not in FOR_POINTS],
}


class PicturePanel(ipywidgets.HBox):
    """What the picture shows: its layers, and one z.

    Args:
        layers: name: words.
        shown: the names of those that are shown at first.
        latent: the sliders of z.
        changed: called when a layer was ticked or unticked.
    """

    def __init__(self, layers: dict[str, str], shown: set[str], latent: LatentPanel, changed: Callable[[], object]):
        self.layers = layers
        self._boxes = {
            name: ipywidgets.Checkbox(value=name in shown, description=words, indent=False)
            for name, words in layers.items()
        }
        for box in self._boxes.values():
            box.observe(lambda _: changed(), "value")
        columns = [ipywidgets.VBox(list(self._boxes.values()))] if layers else []
        super().__init__([*columns, latent])
        self.layout.flex_flow = "row wrap"

    @property
    def shown(self) -> set[str]:
        """The names of the layers that are ticked."""
        return {name for name, box in self._boxes.items() if box.value}

    @shown.setter
    def shown(self, names: set[str]) -> None:
        for name, box in self._boxes.items():
            box.value = name in names


class NewRunPanel(ipywidgets.VBox):
    """What a run is made of. Another choice begins a new run beside the present one.

    Args:
        trainer: the run that is shown.
        begin: called as begin(dataset=..., architecture=..., seed=...) with what was chosen, or without arguments
            to start the same run again.
    """

    def __init__(self, trainer: Trainer, begin: Callable[..., object]):
        self._begin, self._following = begin, False
        self._dataset = ipywidgets.Dropdown(description="data set", style=WIDE)
        self._architecture = ipywidgets.Dropdown(description="architecture", style=WIDE)
        self._seed = ipywidgets.BoundedIntText(
            min=0, max=2**31 - 1, description="seed", style=WIDE, continuous_update=False
        )
        again = button("Start again", "undo", "The same run from step 0, beside this one", lambda: self._begin())
        self._dataset.observe(lambda change: self._chosen(dataset=change.new, architecture=None), "value")
        self._architecture.observe(lambda change: self._chosen(architecture=change.new), "value")
        self._seed.observe(lambda change: self._chosen(seed=change.new), "value")
        words = ipywidgets.HTML("A change begins a <b>new run beside the present one</b>, which stays in the timeline.")
        super().__init__([words, self._dataset, self._architecture, self._seed, again])
        self.follow(trainer)

    def _chosen(self, **parts):
        if not self._following:
            self._begin(**parts)

    def follow(self, trainer: Trainer) -> None:
        """Show what this run is made of."""
        config = trainer.config
        names = [name for name in DATASETS if name != "folder"]
        self._following = True
        try:
            self._dataset.options = names if config.dataset in names else [*names, config.dataset]
            self._architecture.options = ARCHITECTURES[trainer.data.kind]
            self._dataset.value, self._architecture.value = config.dataset, config.architecture
            self._seed.value = config.seed
        finally:
            self._following = False


class KeepPanel(ipywidgets.VBox):
    """A run as a file, as code, and as a film.

    Args:
        name: a file name, without an ending, to begin with.
        save, load: called with the name of a recipe's file.
        show_code: called when the code is asked for.
        record: called as record(name or None): begin a recording, or end it.

    Attributes:
        code: the `CodeBox`.
        said: a line for what was done.
    """

    def __init__(
        self,
        name: str,
        save: Callable[[str], object],
        load: Callable[[str], object],
        show_code: Callable[[], object],
        record: Callable[[str | None], object],
    ):
        self._file = ipywidgets.Text(value=f"runs/{name}.json", description="recipe file", style=WIDE)
        self._film = ipywidgets.Text(value=f"runs/{name}.ganrec", description="recording", style=WIDE)
        self.said = ipywidgets.Label()
        self.code = CodeBox(note="The Python that makes this very run comes here.")
        recording = ipywidgets.ToggleButton(description="Record", icon="circle", tooltip="Record what the lab shows")
        recording.observe(lambda change: record(self._film.value if change.new else None), "value")
        super().__init__([
            _row(self._file, button("Save", "save", "Write the recipe of this run", lambda: save(self._file.value)),
                 button("Load", "folder-open", "Play the run of this file beside the present one",
                         lambda: load(self._file.value))),
            _row(self._film, recording),
            self.said,
            button("Copy as code", "code", "Show the Python that makes this very run", show_code),
            self.code,
        ])  # fmt: skip


def button(description: str, icon: str, tooltip: str, pressed: Callable[[], object]) -> ipywidgets.Button:
    """A button that calls `pressed` without arguments."""
    made = ipywidgets.Button(description=description, icon=icon, tooltip=tooltip)
    made.on_click(lambda _: pressed())
    return made


def _row(*widgets):
    row = ipywidgets.HBox(widgets)
    row.layout.flex_flow = "row wrap"
    return row
