"""Where a run runs: device, precision, threads, seeds, interrupts."""

import contextlib
import functools
import hashlib
import os
import signal
import statistics
import sys
import threading
import timeit
from collections.abc import Iterator

import torch


def resolve_device(name: str = "auto") -> torch.device:
    """The device called `name`; "auto" takes CUDA, then MPS, then the CPU.

    Raises:
        ValueError: PyTorch does not know the name, or this machine has no such device.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ValueError(f'Unknown device {name!r}: use "auto", "cpu", "cuda", "cuda:1" or "mps".') from error
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there.get(device.type, False):
        raise ValueError(f'device {name!r} is not on this machine: use device="auto" ({resolve_device()} here).')
    return device


def seed_for(seed: int, purpose: str) -> int:
    """A seed of its own for each purpose, so that one stream of random numbers cannot disturb another."""
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def make_rng(seed: int, purpose: str, device: torch.device | str = "cpu") -> torch.Generator:
    """A `torch.Generator` for one purpose of one run."""
    return torch.Generator(device).manual_seed(seed_for(seed, purpose))


_GLOBAL_RNG = threading.RLock()


@contextlib.contextmanager
def global_rng_seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Lend PyTorch's global generator to code that knows no other (dropout in a student's module), then restore it."""
    devices = [device] if device.type == "cuda" else []
    with _GLOBAL_RNG, torch.random.fork_rng(devices=devices):
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        elif device.type == "mps":
            torch.mps.manual_seed(seed)  # this one is not restored
        yield


@contextlib.contextmanager
def compute(threads: int | None = None) -> Iterator[None]:
    """Settings for a stretch of training, undone afterwards: CPU threads, and no subnormal numbers.

    Subnormals (below 1e-38) turn up late in a run and slow a CPU down; here they count as 0.
    """
    before = torch.get_num_threads()
    change = threads is not None and threads != before
    flushing = sys.float_info.min / 2 == 0  # already so, because one stretch lies inside another
    if change:
        torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(flushing)
        if change:
            torch.set_num_threads(before)


class InterruptLater:
    """While open, Ctrl-C sets `.asked` instead of striking at any line; leaving raises KeyboardInterrupt.

    So a round is never cut in half. Python delivers signals to the main thread only: elsewhere this does nothing.
    """

    asked = False

    def __enter__(self) -> "InterruptLater":
        self._before = None
        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGINT)
        if self._before == signal.SIG_IGN:  # a shell's background job: Ctrl-C is not meant for it
            self._before = None
        if self._before is not None:
            signal.signal(signal.SIGINT, self._note)
        return self

    def _note(self, signum, frame):
        self.asked = True

    def __exit__(self, *error):
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if self.asked and error[0] is None:
            raise KeyboardInterrupt


def quick_mode() -> bool:
    """Whether the variable CI is set: notebooks then do less, and labs wait for `run`."""
    return bool(os.environ.get("CI"))


def cpu_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def autocast(device: torch.device, precision: str):
    """The context in which the networks run: mixed precision for "bfloat16", nothing for "float32"."""
    if precision == "float32":
        return contextlib.nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


WORTH_IT = 1.15  # the less usual setting must be this much faster to be chosen


def choose_threads(device: torch.device) -> int:
    """How many CPU threads suit convolutions here: all cores, or one where others keep the cores busy."""
    if device.type != "cpu" or cpu_cores() == 1:
        return 1
    alone, together = (_trial_seconds(device, "float32", threads) for threads in (1, cpu_cores()))
    return cpu_cores() if together * WORTH_IT < alone else 1


def choose_precision(device: torch.device, threads: int) -> str:
    """ "bfloat16" where a short trial shows this device to be faster in it, else "float32"."""
    if device.type == "mps":
        return "float32"
    full, half = (_trial_seconds(device, precision, threads) for precision in ("float32", "bfloat16"))
    return "bfloat16" if half * WORTH_IT < full else "float32"


@functools.cache
def _trial_seconds(device, precision, threads):
    """Median time of one convolution as in DCGAN, on 16 images, forward and backward."""
    layer = torch.nn.utils.skip_init(torch.nn.Conv2d, 64, 128, 3, padding=1, device=device)
    torch.nn.init.zeros_(layer.weight)
    layer.to(memory_format=torch.channels_last)
    x = torch.zeros(16, 64, 14, 14, device=device).to(memory_format=torch.channels_last)

    def forward_and_backward():
        with autocast(device, precision):
            loss = layer(x).float().sum()
        loss.backward()
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    with compute(threads):
        return statistics.median(timeit.repeat(forward_and_backward, number=1, repeat=12)[2:])
