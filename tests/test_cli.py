"""The command line, mostly called in this process; a real Ctrl-C and a real server in processes of their own."""

import builtins
import csv
import errno
import importlib.metadata
import io
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from packaging.specifiers import SpecifierSet
from PIL import Image
from rich.console import Console

from gan_course import DATASETS, LOSSES, Recipe, StepStats, TrainConfig, Trainer, __version__, data, replay
from gan_course.cli import COMMANDS, main
from gan_course.commands import doctor, lab, run_folder, train
from gan_course.commands.progress import Report, describe
from gan_course.config import CONDITIONS, CONTROL_NAMES, PRESETS
from gan_course.data import fashion_mnist

TINY = ["--width", "8", "--batch-size", "8"]
CLI = [sys.executable, "-m", "gan_course.cli"]


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    """Call `gan-course` in an empty folder; gives exit status, output and errors."""
    monkeypatch.chdir(tmp_path)

    def call(*argv):
        try:
            code = main([str(argument) for argument in argv])
        except SystemExit as stop:
            code = stop.code
        return code, *capsys.readouterr()

    return call


def rows(folder) -> list[dict]:
    with (folder / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def steps(folder) -> list[int]:
    return [int(row["step"]) for row in rows(folder)]


def last_command(out: str) -> list[str]:
    """The `gan-course ...` that the output ends with, as arguments."""
    return shlex.split(out.strip().rpartition("gan-course ")[2])


# ---- the frame ----------------------------------------------------------------------------------------------------


def test_help_names_every_command(cli):
    code, out, _ = cli("--help")
    assert code == 0
    assert all(f"{name} " in out and summary in out for name, summary in COMMANDS.items())


def test_version(cli):
    assert cli("--version")[:2] == (0, f"gan-course {__version__}\n")


def test_an_unknown_command_suggests_the_nearest(cli):
    code, _, err = cli("trian")
    assert code == 2
    assert "Unknown command 'trian'. Did you mean 'train'?" in err


def test_a_missing_package_is_said_without_a_traceback(cli, monkeypatch):
    monkeypatch.setitem(sys.modules, "gan_course.data", None)
    code, _, err = cli("data")
    assert code == 1
    assert "gan_course.data" in err and "`gan-course doctor` says what is missing" in err


def test_ctrl_c_before_anything_began(cli, monkeypatch):
    monkeypatch.setattr(data, "locate", lambda: signal.raise_signal(signal.SIGINT))
    assert cli("data") == (130, "", "Interrupted.\n")


# ---- lab ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def chapters(tmp_path, monkeypatch):
    """A course of two chapters."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in ("03_training_loop.ipynb", "04_mode_collapse.ipynb"):
        (folder / name).write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    monkeypatch.setattr(lab, "NOTEBOOKS", folder)
    return folder


@pytest.fixture
def launched(monkeypatch):
    """The options that JupyterLab would be started with."""
    options = []

    class App:
        launch_instance = staticmethod(options.extend)

    monkeypatch.setattr(lab, "_lab_app", lambda: App)
    return options


def test_lab_opens_the_first_chapter_on_the_course(cli, chapters, launched):
    assert cli("lab")[0] == 0
    assert f"--ServerApp.root_dir={chapters.parent}" in launched
    assert "--LabApp.default_url=/lab/tree/notebooks/03_training_loop.ipynb" in launched
    assert not any("token" in option or "browser" in option or "port" in option for option in launched)


def test_without_a_command_it_is_lab(cli, chapters, launched):
    cli("lab")
    explicit = launched.copy()
    launched.clear()
    cli()
    assert launched == explicit


def test_lab_passes_on_chapter_browser_and_port(cli, chapters, launched):
    cli("lab", 4, "--no-browser", "--port", 9999)
    assert "--LabApp.default_url=/lab/tree/notebooks/04_mode_collapse.ipynb" in launched
    assert {"--no-browser", "--port=9999"} <= set(launched)


def test_options_of_lab_work_without_its_name(cli, chapters, launched):
    cli("--no-browser", "--port", 9999)
    assert {"--no-browser", "--port=9999"} <= set(launched)


def test_lab_lists_the_chapters_when_one_is_not_there(cli, chapters):
    code, _, err = cli("lab", 9)
    assert code == 2
    assert "there is no chapter 9 here. Chapters: 3 (training loop), 4 (mode collapse)." in err


def test_lab_without_notebooks_says_where_they_are(cli, monkeypatch, tmp_path):
    monkeypatch.setattr(lab, "NOTEBOOKS", tmp_path / "nothing")
    code, _, err = cli("lab")
    assert code == 1
    assert "there are no chapters in" in err and "clone" in err


def test_lab_without_jupyterlab_says_how_to_get_it(cli, chapters, monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    code, _, err = cli("lab")
    assert code == 1
    assert "pip install jupyterlab" in err


def test_lab_says_that_a_port_is_busy_and_takes_another(chapters, tmp_path):
    start = "import sys; from pathlib import Path; from gan_course.commands import lab; from gan_course.cli import main"
    code = f"{start}; lab.NOTEBOOKS = Path({str(chapters)!r}); sys.exit(main(sys.argv[1:]))"
    private = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    env = os.environ | {name: str(tmp_path / name) for name in private}
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        command = [sys.executable, "-c", code, "--no-browser", "--port", str(port)]
        server = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        try:
            log = ""
            while not (address := re.search(r"http://127\.0\.0\.1:(\d+)/lab/tree/notebooks/03_\S+\?token=\w+", log)):
                line = server.stderr.readline()
                assert line, log
                log += line
        finally:
            server.terminate()
            server.communicate()
    assert f"The port {port} is already in use, trying another port." in log
    assert int(address[1]) != port


# ---- train: what it is told ---------------------------------------------------------------------------------------


def test_every_control_and_only_fields_of_the_config_are_options():
    assert tuple(train.CONTROLS) == CONTROL_NAMES
    assert set(train.SETTINGS) <= {field.name for field in fields(TrainConfig)}


@pytest.mark.parametrize(
    "option, names",
    [("dataset", DATASETS), ("loss", LOSSES), ("architecture", PRESETS), ("condition", CONDITIONS)],
    ids=lambda x: str(x)[:12],
)
def test_help_lists_all_names(option, names):
    _, text = (train.SETTINGS | train.CONTROLS)[option]
    assert all(name in text for name in names)


def test_help_states_the_right_defaults():
    config = TrainConfig()
    for name, (kind, text) in (train.SETTINGS | train.CONTROLS).items():
        stated = re.search(r"\(default: (\S+)\)", text)
        if stated and getattr(config, name) is not None:
            assert kind(stated[1]) == getattr(config, name), name


def test_what_is_given_reaches_the_run(cli, tmp_path):
    given = {
        "dataset": "grid", "architecture": "mlp", "latent_dim": 3, "width": 8, "batch_size": 4, "seed": 5,
        "device": "cpu", "precision": "float32", "threads": 1, "d_steps": 2, "g_steps": 3, "lr_d": 0.002,
        "lr_g": 0.003, "loss": "lsgan", "label_smoothing": 0.1, "instance_noise": 0.2, "gp_weight": 0.3,
        "r1_gamma": 0.4, "r2_gamma": 0.5,
    }  # fmt: skip
    options = [text for name, value in given.items() for text in (train.flag(name), value)]
    assert cli("train", *options, "--steps", 1)[0] == 0
    config = Recipe.load(tmp_path / "runs" / "grid-5" / "recipe.json").config
    assert {name: getattr(config, name) for name in given} == given


@pytest.mark.parametrize(
    "options, message",
    [
        (["--loss", "hing"], "Unknown loss 'hing'. Did you mean 'hinge'?"),
        (["--dataset", "rings"], "Unknown dataset 'rings'. Did you mean 'ring'?"),
        (["--architecture", "dcgan"], "does not make points"),
        (["--condition", "concatenate"], "Unknown condition 'concatenate'. Did you mean 'concat'?"),
        (["--condition", "concat", "--dataset", "line"], "needs labels, and 'line' has none"),
        (["--d-steps", 0, "--g-steps", 0], "nobody would learn"),
        (["--lr-d", "-1"], "lr_d must be a finite number, at least 0, got -1.0"),
        (["--lr-g", "nan"], "lr_g must be a finite number"),
        (["--batch-size", 1], "batch_size must be at least 2, got 1"),
        (["--seed", -3], "seed must be at least 0, got -3"),
        (["--device", "tpu9"], "device 'tpu9'"),
        (["--data", "here"], "'ring' is drawn, not read"),
        (["--dataset", "folder"], "--data DIR"),
        (["--dataset", "folder", "--data", "nowhere"], "nowhere is not a folder"),
        (["--loss", "hinge", "--label-smoothing", 0.1], "no labels to smooth"),
        (["--resume"], "there is no run to go on with in runs/ring-0: name its folder with --out DIR"),
        (["--steps", 0], "argument --steps: must be above 0, got 0"),
        (["--seconds", "inf"], "argument --seconds: must be above 0, got inf"),
        (["--steps", "many"], "invalid whole number value: 'many'"),
        (["--steps", 1, "--seconds", 1], "not allowed with argument"),
        (["--bogus"], "unrecognized arguments: --bogus"),
    ],
    ids=str,
)
def test_a_bad_option_is_explained_and_leaves_nothing_behind(cli, tmp_path, options, message):
    code, _, err = cli("train", *options)
    assert code == 2
    assert message in err
    assert list(tmp_path.iterdir()) == []


# ---- train: what it leaves ----------------------------------------------------------------------------------------


def test_a_run_is_kept_whole(cli, tmp_path):
    code, out, _ = cli("train", *TINY, "--steps", 12, "--out", "a run")
    folder = tmp_path / "a run"
    assert code == 0
    assert "Training mlp on ring, from step 0" in out
    assert "Step 12 is saved in a run" in out and last_command(out) == ["train", "--resume", "--out", "a run"]
    assert {path.name for path in folder.iterdir()} == {
        "recipe.json", "checkpoint.safetensors", "metrics.csv", "samples.png",
    }  # fmt: skip
    recipe = Recipe.load(folder / "recipe.json")
    assert Trainer.load(folder / "checkpoint.safetensors").recipe() == recipe
    assert replay(recipe).recipe().end_digest == recipe.end_digest
    assert Image.open(folder / "samples.png").size == (400, 400)


def test_metrics_are_the_runs_own_numbers(cli, tmp_path):
    cli("train", *TINY, "--steps", 12, "--g-steps", 0, "--out", "run")
    table = rows(tmp_path / "run")
    history = Trainer.load(tmp_path / "run" / "checkpoint.safetensors").history.arrays()
    assert list(table[0]) == ["step", "d_loss", "g_loss", "d_real", "d_fake", "seconds"]
    assert [int(row["step"]) for row in table] == history["step"].tolist() == list(range(1, 13))
    for name in ("d_loss", "d_real", "d_fake"):
        assert [float(row[name]) for row in table] == pytest.approx(history[name].tolist(), rel=1e-5)
    assert {row["g_loss"] for row in table} == {"nan"}
    seconds = [float(row["seconds"]) for row in table]
    assert seconds == sorted(seconds) and 0 < seconds[0] < seconds[-1] < 60


def test_metrics_are_thinned_as_a_run_grows_long():
    metrics = run_folder.Metrics()
    for step in range(1, 12_001):
        metrics.add(StepStats(step, torch.zeros(4)), seconds=step / 10)
    kept = [int(line.split(",")[0]) for line in metrics.to_csv(until=12_000).splitlines()[1:]]
    assert kept == [*range(1, 1000), *range(1000, 10_000, 10), *range(10_000, 12_001, 100)]
    assert metrics.seconds == 1200


def test_images_are_shown_in_a_grid(cli, tmp_path):
    quick = ["--precision", "float32", "--threads", 1, "--width", 4, "--batch-size", 4]
    assert cli("train", "--dataset", "fashion-mnist", *quick, "--steps", 1, "--out", "run")[0] == 0
    picture = Image.open(tmp_path / "run" / "samples.png")
    assert (picture.size, picture.mode) == ((8 * 28, 8 * 28), "L")


def test_a_run_with_a_condition_shows_a_column_a_class(cli, tmp_path):
    quick = ["--precision", "float32", "--threads", 1, "--width", 4, "--batch-size", 4]
    options = ["--dataset", "fashion-mnist", "--condition", "embedding", *quick, "--steps", 1, "--out", "run"]
    assert cli("train", *options)[0] == 0
    assert Recipe.load(tmp_path / "run" / "recipe.json").config.condition == "embedding"
    assert Image.open(tmp_path / "run" / "samples.png").size == (10 * 28, 8 * 28)
    assert cli("train", "--resume", "--out", "run", "--steps", 1)[0] == 0


def test_a_colour_picture_is_a_colour_grid():
    config = TrainConfig(width=4, batch_size=2, precision="float32", threads=1)
    trainer = Trainer(config, data=torch.zeros(4, 3, 8, 8))
    picture = Image.open(io.BytesIO(run_folder.picture(trainer)))
    assert (picture.size, picture.mode) == ((64, 64), "RGB")


def test_it_trains_for_the_seconds_asked(cli, tmp_path):
    cli("train", *TINY, "--seconds", 0.5, "--out", "run")
    assert len(rows(tmp_path / "run")) > 1
    assert float(rows(tmp_path / "run")[-1]["seconds"]) == pytest.approx(0.5, abs=0.4)


def test_it_saves_while_it_trains(cli, monkeypatch):
    monkeypatch.setattr(train, "SAVE_EVERY", 0)
    saved = []
    monkeypatch.setattr(run_folder.RunFolder, "save", lambda folder, trainer: saved.append(trainer.steps))
    cli("train", *TINY, "--steps", 3)
    assert saved == [1, 2, 3, 3]


# ---- train: going on ----------------------------------------------------------------------------------------------


def test_an_older_run_is_not_overwritten(cli, tmp_path):
    cli("train", *TINY, "--steps", 2)
    before = (tmp_path / "runs" / "ring-0" / "checkpoint.safetensors").read_bytes()
    code, _, err = cli("train", *TINY, "--steps", 2)
    assert code == 2
    assert "gan-course train --resume --out runs/ring-0" in err and "--out DIR" in err
    assert (tmp_path / "runs" / "ring-0" / "checkpoint.safetensors").read_bytes() == before


def test_a_resumed_run_is_the_run_that_was_never_stopped(cli, tmp_path):
    cli("train", *TINY, "--steps", 20, "--out", "whole")
    cli("train", *TINY, "--steps", 8, "--out", "parts")
    cli("train", "--resume", "--steps", 12, "--out", "parts")
    whole, parts = (Recipe.load(tmp_path / name / "recipe.json") for name in ("whole", "parts"))
    assert whole == parts
    table = [row | {"seconds": ""} for row in rows(tmp_path / "whole")]
    assert table == [row | {"seconds": ""} for row in rows(tmp_path / "parts")]


def test_controls_given_on_resume_are_changes_of_the_run(cli, tmp_path):
    cli("train", *TINY, "--steps", 5, "--out", "run")
    cli("train", "--resume", "--out", "run", "--steps", 5, "--d-steps", 3, "--lr-g", 1e-4)
    assert Recipe.load(tmp_path / "run" / "recipe.json").changes == ((5, {"d_steps": 3, "lr_g": 1e-4}),)


def test_what_is_fixed_can_not_change_on_resume(cli):
    cli("train", *TINY, "--steps", 2, "--out", "run")
    code, _, err = cli("train", "--resume", "--out", "run", "--seed", 2, "--width", 16)
    assert code == 2
    assert "leave out --seed and --width" in err and "without --resume" in err


def test_a_bad_control_on_resume_is_explained(cli):
    cli("train", *TINY, "--steps", 2, "--out", "run")
    code, _, err = cli("train", "--resume", "--out", "run", "--loss", "wasserstien")
    assert code == 2
    assert "Did you mean 'wasserstein'?" in err


def test_a_damaged_checkpoint_is_explained(cli, tmp_path):
    cli("train", *TINY, "--steps", 2, "--out", "run")
    (tmp_path / "run" / "checkpoint.safetensors").write_bytes(b"not a checkpoint")
    code, _, err = cli("train", "--resume", "--out", "run")
    assert code == 2
    assert "is not a readable safetensors file" in err


@pytest.mark.parametrize("content", ["step,loss\n1,2\n", "step,d_loss,g_loss,d_real,d_fake,seconds\n1,x,1,1,1,1\n"])
def test_damaged_metrics_are_explained(cli, tmp_path, content):
    cli("train", *TINY, "--steps", 2, "--out", "run")
    (tmp_path / "run" / "metrics.csv").write_text(content)
    code, _, err = cli("train", "--resume", "--out", "run")
    assert code == 2
    assert "metrics.csv can't be read at line 2" in err and "delete it" in err


def test_missing_metrics_are_begun_anew(cli, tmp_path):
    cli("train", *TINY, "--steps", 2, "--out", "run")
    (tmp_path / "run" / "metrics.csv").unlink()
    assert cli("train", "--resume", "--out", "run", "--steps", 2)[0] == 0
    assert steps(tmp_path / "run") == [3, 4]


def test_rows_of_rounds_that_were_lost_are_dropped(cli, tmp_path):
    """As after a crash between two saves."""
    cli("train", *TINY, "--steps", 3, "--out", "run")
    with (tmp_path / "run" / "metrics.csv").open("a") as file:
        file.write("9,1,1,0.5,0.5,99\n")
    cli("train", "--resume", "--out", "run", "--steps", 2)
    assert steps(tmp_path / "run") == [1, 2, 3, 4, 5]


def test_a_run_from_another_machine_is_noted_in_plain_words(cli, tmp_path):
    trainer = Trainer(TrainConfig(width=8, batch_size=8))
    trainer.config = replace(trainer.config, device="cuda:99")
    (tmp_path / "run").mkdir()
    trainer.save(tmp_path / "run" / "checkpoint.safetensors")
    code, out, err = cli("train", "--resume", "--out", "run", "--steps", 1)
    assert (code, err) == (0, "")
    assert out.startswith("Note: device 'cuda:99' is not on this machine")


# ---- train: when it breaks off ------------------------------------------------------------------------------------


def test_ctrl_c_saves_the_round_and_says_how_to_go_on(cli, tmp_path, monkeypatch):
    cli("train", *TINY, "--steps", 20, "--out", "whole")
    add = run_folder.Metrics.add

    def add_and_interrupt(metrics, stats, seconds):
        add(metrics, stats, seconds)
        if stats.step == 7:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(run_folder.Metrics, "add", add_and_interrupt)
    code, out, _ = cli("train", *TINY, "--steps", 20, "--out", "cut")
    assert code == 130
    assert "Interrupted. Step 7 is saved in cut" in out
    assert steps(tmp_path / "cut") == list(range(1, 8))
    assert last_command(out) == ["train", "--resume", "--out", "cut", "--steps", "13"]
    assert cli(*last_command(out))[0] == 0
    assert Recipe.load(tmp_path / "cut" / "recipe.json") == Recipe.load(tmp_path / "whole" / "recipe.json")


def test_a_real_ctrl_c_in_a_process_of_its_own(cli, tmp_path):
    command = [*CLI, "train", *TINY, "--steps", "1000000", "--out", "cut"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("Training mlp on ring")
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    cut = Recipe.load(tmp_path / "cut" / "recipe.json")
    *resume, left = last_command(out)
    assert 0 < cut.steps == 1_000_000 - int(left)
    assert cli(*resume, 20)[0] == 0
    whole = Recipe.load(tmp_path / "cut" / "recipe.json")
    assert whole.steps == cut.steps + 20
    assert replay(whole).recipe() == whole  # a run that was never stopped


def test_a_run_that_diverges_keeps_what_was_good(cli, tmp_path):
    code, _, err = cli("train", *TINY, "--steps", 50, "--lr-d", "1e30", "--out", "run")
    assert code == 1
    assert re.search(r"(d_loss|g_loss|generator|discriminator)\S* is (nan|no longer finite)", err)
    assert "gan-course train --resume --out run, with --lr-d or another control" in err and "Traceback" not in err
    assert cli("train", "--resume", "--out", "run", "--steps", 5, "--lr-d", "1e-3")[0] == 0
    recipe = Recipe.load(tmp_path / "run" / "recipe.json")
    assert steps(tmp_path / "run")[-1] == recipe.steps and recipe.last_controls().lr_d == 1e-3


@pytest.fixture
def full_disk(monkeypatch):
    """Call it to fill the disk."""

    def no_space(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    return lambda: monkeypatch.setattr("gan_course.files.os.fsync", no_space)


def test_a_disk_that_fills_up_leaves_the_older_files_whole(cli, tmp_path, full_disk):
    cli("train", *TINY, "--steps", 5, "--out", "run")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    full_disk()
    code, _, err = cli("train", "--resume", "--out", "run", "--steps", 5)
    assert code == 1
    assert "No space left on device; what was there before is unchanged" in err
    assert "go on from what was last saved: gan-course train --resume --out run" in err
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


def test_a_disk_that_is_full_from_the_start_shows_at_once(cli, full_disk):
    full_disk()
    code, out, err = cli("train", *TINY, "--steps", 5, "--out", "run")
    assert code == 1
    assert (
        "can't begin a run in run (--out DIR chooses another folder): could not save" in err and "Training" not in out
    )


def test_a_folder_that_can_not_be_made(cli, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = cli("train", *TINY, "--steps", 5, "--out", "file/run")
    assert code == 1
    assert "can't begin a run in file/run" in err and "--out DIR" in err


# ---- train: what is seen meanwhile --------------------------------------------------------------------------------

STATS = StepStats(1200, torch.tensor([1.25, 0.75, 0.5, 0.5]))


def test_a_line_says_step_rate_losses_and_time_left():
    assert describe(STATS, rate=812.3, left=41.6) == "step 1,200  812 steps/s  D loss 1.250  G loss 0.750  42 s left"


def test_a_loss_the_round_did_not_have_is_a_dash():
    assert "G loss -  " in describe(StepStats(1, torch.tensor([1, torch.nan, 0.5, 0.5])), rate=1, left=0)


@pytest.fixture
def clock(monkeypatch):
    """Seconds pass only when they are added to it."""
    now = [0.0]
    monkeypatch.setattr("gan_course.commands.progress.time.monotonic", lambda: now[0])
    return now


def shown(clock, terminal: bool) -> str:
    """What is seen of a run of 10 rounds of 1 s, to which it gives 20 s."""
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80, highlight=False)
    with Report(console, total=20) as report:
        for step in range(1, 11):
            clock[0] += 1
            report.show(StepStats(step, STATS.values), done=step)
    return console.file.getvalue()


def test_outside_a_terminal_there_is_a_line_now_and_then(clock):
    lines = shown(clock, terminal=False).splitlines()
    assert [line.split("  ")[0] for line in lines] == ["step 5", "step 10"]
    assert lines[-1] == "step 10  1 steps/s  D loss 1.250  G loss 0.750  10 s left"


def test_in_a_terminal_there_is_a_bar(clock):
    seen = shown(clock, terminal=True)
    assert "━" in seen and "step 7  1 steps/s" in seen and "13 s left" in seen


# ---- data ---------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def private_places(monkeypatch, tmp_path):
    """Keep the tests from finding the full set in the user's own folders."""
    monkeypatch.delenv("GAN_COURSE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", tmp_path / "debian")


def test_data_says_where_it_is(cli, tmp_path):
    code, out, _ = cli("data")
    assert code == 0 and out == cli("data", "where")[1]
    assert re.search(r"bundled sample +complete +\S+fashion_mnist_sample", out)
    assert re.search(rf"full set +not there +{tmp_path}/cache/gan-course", out)


def test_data_where_does_not_look_into_other_folders(cli):
    code, _, err = cli("data", "where", "--data", "there")
    assert code == 2
    assert "gan-course data verify --data there" in err


def test_data_fetch_says_where_it_went(cli, monkeypatch, tmp_path):
    monkeypatch.setattr(data, "fetch", lambda folder: folder / "FashionMNIST" / "raw")
    assert cli("data", "fetch", "--data", "mine")[:2] == (0, "The full Fashion-MNIST is in mine/FashionMNIST/raw\n")


def test_data_fetch_without_a_network_is_explained(cli, monkeypatch):
    def offline(*arguments, **options):
        raise OSError("network is unreachable")

    monkeypatch.setattr("torchvision.datasets.FashionMNIST", offline)
    code, _, err = cli("data", "fetch")
    assert code == 1
    assert "could not be fetched" in err and "apt install dataset-fashion-mnist" in err


def test_data_verify_checks_every_file(cli):
    code, out, _ = cli("data", "verify")
    assert code == 0
    assert [line.rsplit(": ")[1] for line in out.splitlines()] == ["ok"] * 4


def test_data_verify_names_what_is_damaged(cli, monkeypatch):
    checks = [data.verify()[0], fashion_mnist.Check(Path("b"), "b is damaged. Restore it: ...")]
    monkeypatch.setattr(data, "verify", lambda folder: checks)
    code, out, err = cli("data", "verify")
    assert code == 1
    assert "Restore it" in out and "1 of 2 files are not as published" in err


def test_data_verify_of_an_empty_folder_is_explained(cli, tmp_path):
    code, _, err = cli("data", "verify", "--data", tmp_path)
    assert code == 1
    assert "The full Fashion-MNIST was not found" in err


def test_data_knows_no_other_action(cli):
    code, _, err = cli("data", "delete")
    assert code == 2
    assert "invalid choice: 'delete'" in err


# ---- doctor -------------------------------------------------------------------------------------------------------


def found(check) -> dict[str, doctor.Finding]:
    return {finding.what: finding for finding in doctor._guarded(check)}


@pytest.fixture
def version_of(monkeypatch):
    """Pretend that another version of a package is installed; None: that it is not."""
    real = importlib.metadata.version

    def pretend(package, version):
        def look_up(name):
            if name == package and version is None:
                raise importlib.metadata.PackageNotFoundError(name)
            return version if name == package else real(name)

        monkeypatch.setattr(importlib.metadata, "version", look_up)

    return pretend


def test_a_healthy_installation_passes(cli):
    code, out, _ = cli("doctor")
    assert code == 0, out
    assert "Everything the course needs is here." in out
    for what in ("python", "torch", "device", "threads", "precision", "C++ compiler", "anywidget", "chapters", "data"):
        assert what in out


def test_a_missing_package_is_a_problem_with_its_repair(cli, version_of, monkeypatch):
    version_of("anywidget", None)
    monkeypatch.setattr(doctor, "CHECKS", (doctor.check_python, doctor.check_packages))
    code, out, _ = cli("doctor")
    assert code == 1
    assert "Problems: 1." in out and "missing (needed: >=" in out
    assert re.search(r'^anywidget: pip install "anywidget>=\S+"$', out, re.MULTILINE)


def test_a_package_too_old_is_a_problem(version_of):
    version_of("torch", "2.1.0")
    finding = doctor._package("torch", SpecifierSet(">=2.9"))
    assert finding == ("torch", doctor.PROBLEM, "2.1.0 (needed: >=2.9)", 'pip install "torch>=2.9"')


def test_a_package_that_can_not_be_loaded_is_a_problem(monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    finding = found(doctor.check_packages)["safetensors"]
    assert finding.state == doctor.PROBLEM
    assert "can't be loaded" in finding.found and "--force-reinstall" in finding.repair


def test_without_rich_the_findings_are_plain_lines(cli, monkeypatch):
    monkeypatch.setattr(doctor, "CHECKS", (doctor.check_compiler,))
    monkeypatch.setattr(doctor.shutil, "which", lambda name: "/bin/c++")
    for module in ("rich", "rich.console", "rich.markup", "rich.table"):
        monkeypatch.setitem(sys.modules, module, None)
    code, out, _ = cli("doctor")
    assert code == 0
    assert out.startswith("C++ compiler  ok  /bin/c++\n")


def test_nothing_crashes_when_everything_is_missing(monkeypatch):
    real = builtins.__import__

    def nothing_there(name, *arguments, **options):
        if name.split(".")[0] in ("torch", "packaging", "jupyter_core", "jupyterlab", "gan_course"):
            raise ImportError(f"No module named {name!r}")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", nothing_there)
    states = {check.__name__: [finding.state for finding in doctor._guarded(check)] for check in doctor.CHECKS}
    monkeypatch.undo()
    assert states.pop("check_compiler") != [doctor.PROBLEM]
    assert set(map(tuple, states.values())) == {(doctor.PROBLEM,)}


def test_an_error_inside_a_check_is_a_finding():
    def check_the_weather():
        raise RuntimeError("rain")
        yield

    assert doctor._guarded(check_the_weather)[0].found == "can't be checked (RuntimeError: rain)"


def test_another_python_is_a_problem(monkeypatch):
    monkeypatch.setattr(doctor.platform, "python_version", lambda: "3.9.2")
    finding = found(doctor.check_python)["python"]
    assert finding.state == doctor.PROBLEM
    assert "make an environment with Python >=3.11" in finding.repair


def test_no_compiler_is_only_a_note(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    finding = found(doctor.check_compiler)["C++ compiler"]
    assert finding.state == doctor.NOTE
    assert "uncompiled" in finding.found and "g++" in finding.repair


def test_widgets_that_jupyterlab_does_not_find_are_a_problem(monkeypatch):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *names: [])
    findings = found(doctor.check_front_end)
    assert {finding.state for finding in findings.values()} == {doctor.PROBLEM}
    assert findings["anywidget"].repair.endswith("anywidget")


def test_a_front_end_of_another_version_is_a_problem(monkeypatch, tmp_path):
    for place, version in (("old", "0.1.0"), ("prefix/share/jupyter/labextensions", "0.11.0")):
        (tmp_path / place / "anywidget").mkdir(parents=True)
        (tmp_path / place / "anywidget" / "package.json").write_text(json.dumps({"version": version}))
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *names: [str(tmp_path / "old")])
    monkeypatch.setattr(doctor.sys, "prefix", str(tmp_path / "prefix"))
    finding = found(doctor.check_front_end)["anywidget"]
    assert finding.state == doctor.PROBLEM
    assert "0.1.0" in finding.found and "0.11.0" in finding.found
    assert finding.repair == f"remove the folder {tmp_path / 'old' / 'anywidget'}"


def test_missing_chapters_are_a_problem(monkeypatch, tmp_path):
    monkeypatch.setattr(lab, "NOTEBOOKS", tmp_path)
    assert found(doctor.check_chapters)["chapters"].state == doctor.PROBLEM


def test_damaged_data_are_a_problem_and_a_missing_full_set_is_not(monkeypatch):
    damaged = fashion_mnist.Check(Path("some", "file.gz"), "file.gz is damaged. Restore it: ...")
    monkeypatch.setattr(data, "verify", lambda: [damaged])
    findings = found(doctor.check_data)
    assert findings["file.gz"] == ("file.gz", doctor.PROBLEM, "damaged", damaged.state)
    assert findings["full Fashion-MNIST"].state == doctor.NOTE
