"""What a training loop does, found out by experiment: whose turn moves whose weights, and by what."""

from dataclasses import asdict

import torch

from gan_course.config import Controls
from gan_course.rounds import buffers_kept, draw
from gan_course.runtime import make_rng
from gan_course.trainer import Trainer


def facts(trainer: Trainer) -> dict[str, bool]:
    """Find out what a run's loop does, on branches of its beginning with the usual controls; the run stays as it is.

    A sound loop gives True, False, False, True; False; True; True.

    Args:
        trainer: with a bug or without, never loaded from a checkpoint.

    Raises:
        ValueError: the run's beginning is not known.
    """
    run = trainer.branch(0)
    run.set(**asdict(Controls(loss=run.controls.loss)))
    run.run(1)
    draws = draw(run.data, run.config, run.controls, make_rng(run.config.seed, "facts", run.device))
    after_d, after_g = (_after_turn(run, draws, turn) for turn in "DG")
    with_leftovers = [_after_turn(run, draws, turn, _leave_gradients) for turn in "DG"]
    other_generator = _after_turn(run, draws, "D", _scramble)
    return {
        "after D's turn, D's weights have moved": _moved(run, after_d, "discriminator"),
        "after D's turn, G's weights have moved": _moved(run, after_d, "generator"),
        "after G's turn, D's weights have moved": _moved(run, after_g, "discriminator"),
        "after G's turn, G's weights have moved": _moved(run, after_g, "generator"),
        "old gradients change the step": any(
            _moved(clean, other, role)
            for clean, other in zip((after_d, after_g), with_leftovers)
            for role in ("generator", "discriminator")
        ),
        "D is shown what G makes now": _moved(after_d, other_generator, "discriminator"),
        "D's step favours real over fake": _favours_real(run, after_d, draws),
    }


def _after_turn(run, draws, turn, prepare=lambda run: None):
    """A branch of `run` after one more turn, with that turn's gradients still there."""
    twin = run.branch()
    twin._take_controls()
    for weight in _weights(twin):
        weight.grad = None
    prepare(twin)
    with twin._global_rng("facts"):
        update = {"D": twin.turns.d_update, "G": twin.turns.g_update}[turn]
        update(twin._players, draws, twin.controls, 0)
    return twin


def _leave_gradients(run):
    for weight in _weights(run):
        weight.grad = torch.ones_like(weight)


@torch.no_grad()
def _scramble(run):
    for weight in run.generator.parameters():
        weight.neg_()


def _weights(run):
    return [*run.generator.parameters(), *run.discriminator.parameters()]


def _moved(before, after, role):
    pairs = zip(getattr(before, role).parameters(), getattr(after, role).parameters())
    return any(not torch.equal(one, other) for one, other in pairs)


def _favours_real(run, after, draws):
    """Whether D's loss falls in the direction in which real logits rise above those of the turn's fakes."""
    players = run._players
    with run._global_rng("facts"), torch.no_grad(), buffers_kept(players.generator):
        fake = players.generate(draws.d_z[0])
    with run._global_rng("facts"), buffers_kept(players.discriminator):
        gap = players.judge(draws.real[0]).mean() - players.judge(fake).mean()
        weights = players.d_optimizer.param_groups[0]["params"]
        slopes = torch.autograd.grad(gap, weights, materialize_grads=True)
    steps = (weight.grad for weight in after._players.d_optimizer.param_groups[0]["params"])
    return sum((slope * step).sum() for slope, step in zip(slopes, steps) if step is not None).item() < 0
