"""Exercises of chapters 1 to 6: `check(name, solution)` tries a learner's function on hidden cases.

A wrong answer is told in words, by the mistake that it agrees with; the same answer always gets the same words.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gan_course.exercises import conv, frechet, judge, labels, loss, modes, order, step, value
from gan_course.exercises.verdict import Wrong
from gan_course.names import check_name

RIGHT = "right"


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        task: what to write, in words.
        examine: called with the solution; raises `verdict.Wrong`.
    """

    task: str
    examine: Callable[[Callable], None]


EXERCISES = {
    "value": Exercise(
        "value(d_real, d_fake): V(D, G) from D's verdicts on real samples and on fakes, two arrays of probabilities.",
        value.examine_value,
    ),
    "generator_slope": Exercise(
        "generator_slope(logit, saturating): the slope over the logit of log(1 - D) if saturating, else of -log D.",
        value.examine_slope,
    ),
    "best_judge": Exercise(
        "best_judge(p_data, p_g): D* at each place, from two arrays of densities; ½ where both are 0.",
        judge.examine_best,
    ),
    "jsd_from_value": Exercise(
        "jsd_from_value(v): the Jensen-Shannon divergence of p_data and p_g, from v = V(D*, G).",
        judge.examine_jsd,
    ),
    "ratio": Exercise("ratio(d): p_data / p_g, from d = D*(x), a probability.", judge.examine_ratio),
    "discriminator_loss": Exercise(
        "discriminator_loss(real_logits, fake_logits, real_target): D's loss from logits, with one-sided smoothing; "
        "the mean over each batch, the two parts added. No ready-made loss: softplus or logsigmoid will do.",
        loss.examine,
    ),
    "generator_step": Exercise(
        "generator_step(generator, discriminator, optimizer, z): one update of G with the non-saturating loss; "
        "the optimizer is G's.",
        step.examine,
    ),
    "conv_weights": Exercise(
        "conv_weights(c_in, c_out, kernel): how many numbers a convolution with a square kernel learns, biases too.",
        conv.examine,
    ),
    "play_round": Exercise(
        "play_round(d_steps, g_steps, update_d, update_g): one round of Algorithm 1; update_d() and update_g() "
        "make one update each.",
        order.examine,
    ),
    "modes_covered": Exercise(
        "modes_covered(samples, centers, std): how many modes have a sample within 3·std that is nearest to them; "
        "samples (N, D) and centers (K, D).",
        modes.examine_modes,
    ),
    "reverse_kl": Exercise(
        "reverse_kl(counts): KL in nats from the shares of K modes, of which counts says how many samples lie in each, "
        "to 1/K each.",
        modes.examine_reverse_kl,
    ),
    "pack": Exercise(
        "pack(x, m): samples (N, D) as PacGAN's discriminator sees them, (N/m, m·D): m neighbours side by side.",
        modes.examine_pack,
    ),
    "label_planes": Exercise(
        "label_planes(labels, classes, side): labels (N,) as planes (N, K, side, side), ones for the class of each.",
        labels.examine_planes,
    ),
    "confusion_table": Exercise(
        "confusion_table(asked, seen, classes): (K, K), in row i the share of each class seen where i was asked for; "
        "asked and seen are whole numbers (N,).",
        labels.examine_table,
    ),
    "projection_logit": Exercise(
        "projection_logit(features, head, bias, rows, label): the projection discriminator's logit for one sample; "
        "features (d,), head (d,), rows (K, d).",
        labels.examine_projection,
    ),
    "frechet_1d": Exercise(
        "frechet_1d(mu1, std1, mu2, std2): the squared Fréchet distance between two Gaussians on the line.",
        frechet.examine_line,
    ),
    "frechet_diagonal": Exercise(
        "frechet_diagonal(mu1, var1, mu2, var2): the squared Fréchet distance between two Gaussians whose axes don't "
        "depend on each other; four arrays (d,), variances and not standard deviations.",
        frechet.examine_axes,
    ),
    "unbiased_mmd": Exercise(
        "unbiased_mmd(x, y): the unbiased kernel distance of KID between features (n, d) and (m, d), with the kernel "
        "(x·y/d + 1)³.",
        frechet.examine_kernel,
    ),
}


def check(name: str, solution: Callable) -> str:
    """Try a solution.

    Args:
        name: a name in EXERCISES; `EXERCISES[name].task` says what to write.
        solution: the function itself.

    Returns:
        "right", or what is wrong.

    Raises:
        ValueError: no exercise has that name.
    """
    check_name(name, EXERCISES, "exercise")
    if not callable(solution):
        return f"Hand in the function itself, check({name!r}, {name}) without parentheses behind it; this is a value."
    try:
        EXERCISES[name].examine(solution)
    except Wrong as wrong:
        return str(wrong)
    return RIGHT
