"""Measure how fast the networks train here, one after the other, and print a Markdown table.

Each is measured in a process of its own, on random images, after a warm-up; all of them twice, in
turns, and the faster of the two counts. It needs PyTorch beside TensorFlow: `pip install torch`.

With --busy other programs may run beside it: one core's own time is counted, and the best step.

Usage: python -m research.benchmark_training [--busy]
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import psutil

BATCH_SIZE = 128
WARM_UP, STEPS = 4, 20
BUSY_STEPS = 4
ONE_CORE = dict.fromkeys(
    ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
)

# What is measured, with the backend of Keras, the images' size and how many are in a batch.
SETTINGS = {
    "seed_baseline, Keras on TensorFlow, float32": ("tensorflow", 48, BATCH_SIZE),
    "compact, Keras on TensorFlow, float32": ("tensorflow", 48, BATCH_SIZE),
    "compact, PyTorch, 48 pixels": ("torch", 48, BATCH_SIZE),
    "compact, PyTorch, 40 pixels": ("torch", 40, BATCH_SIZE),
    "compact, PyTorch, 32 pixels": ("torch", 32, BATCH_SIZE),
    "compact, PyTorch, 40 pixels, batches of 64": ("torch", 40, 64),
    "compact, PyTorch, 32 pixels, batches of 64": ("torch", 32, 64),
    "compact, PyTorch, 24 pixels, batches of 64": ("torch", 24, 64),
}


def time_steps(step: Callable[[], object]) -> float:
    """Return the seconds of a training step, after a warm-up."""
    for _ in range(WARM_UP):
        step()
    start = time.perf_counter()
    for _ in range(STEPS):
        step()
    return (time.perf_counter() - start) / STEPS


def time_best_step(step: Callable[[], object]) -> float:
    """Return one core's seconds of the best of some steps, by the core's own time."""
    step()
    seconds = []
    for _ in range(BUSY_STEPS):
        start = time.process_time()
        step()
        seconds.append(time.process_time() - start)
    return min(seconds)


def keras_step(name: str, size: int, batch_size: int) -> Callable[[], object]:
    """Return a step of Keras with Adam, as the course that this one replaces trains."""
    import keras

    from course_utils.models import build_model

    model = build_model(name)
    model.compile(
        keras.optimizers.Adam(1e-3), keras.losses.CategoricalCrossentropy(from_logits=True)
    )
    rng = np.random.default_rng(0)
    images = rng.random((batch_size, size, size, 1), dtype=np.float32)
    targets = np.eye(7, dtype=np.float32)[rng.integers(0, 7, batch_size)]
    return lambda: model.train_on_batch(images, targets)


def torch_step(name: str, size: int, batch_size: int) -> Callable[[], object]:
    """Return a step of a long run, with its augmentation."""
    import torch

    from course_utils.models import build_model
    from research.augmentation import augment
    from research.config import Config
    from research.trainer import Trainer

    trainer = Trainer(Config(model=name), build_model(name))
    trainer.network.train()
    images = torch.rand(batch_size, 1, 48, 48)
    targets = torch.eye(7)[torch.arange(batch_size) % 7]
    generator = torch.Generator().manual_seed(0)
    return lambda: trainer.train_step(augment(images, size, generator), targets, 0.5)


def peak_gigabytes() -> float:
    """Return the most memory that this process has held."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset / 1e9)
    else:
        import resource  # Windows has none

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1e9 if sys.platform == "darwin" else 1e6)


def measure(setting: str, busy: bool) -> dict[str, float]:
    """Measure one setting in this process: images a second, and the most memory it held."""
    name = setting.split(",")[0]
    backend, size, batch_size = SETTINGS[setting]
    step = {"tensorflow": keras_step, "torch": torch_step}[backend](name, size, batch_size)
    speed = batch_size / (time_best_step(step) if busy else time_steps(step))
    return {"images_per_second": speed, "gigabytes": peak_gigabytes()}


def measure_apart(setting: str, busy: bool) -> dict[str, float]:
    """Measure one setting in a process of its own."""
    backend, _, _ = SETTINGS[setting]
    environment = {**os.environ, "KERAS_BACKEND": backend, **(ONE_CORE if busy else {})}
    command = [sys.executable, "-m", "research.benchmark_training", "--one", setting]
    command += ["--busy"] if busy else []
    printed = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout
    result: dict[str, float] = json.loads(printed.splitlines()[-1])
    return result


def processor() -> str:
    """Return the processor's name and how many cores of it are at hand."""
    name = platform.processor()
    if sys.platform == "linux":
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
        name = names[0] if names else name
    return f"{name or platform.machine()}, {os.cpu_count()} cores"


def main() -> None:
    """Measure all settings twice in turns, or one of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--busy", action="store_true", help="count one core's own time")
    parser.add_argument("--one", choices=SETTINGS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one, arguments.busy)))
        return
    best: dict[str, dict[str, float]] = {}
    for _ in range(2):
        for setting in SETTINGS:
            found = measure_apart(setting, arguments.busy)
            print(f"{setting}: {found['images_per_second']:.0f} images a second", file=sys.stderr)
            if found["images_per_second"] > best.get(setting, found)["images_per_second"] - 1e-9:
                best[setting] = found
    baseline = next(iter(best.values()))["images_per_second"]
    cores = "One of the cores of" if arguments.busy else "On"
    print(f"{cores} {processor()}, batches of {BATCH_SIZE} or as named:\n")
    print("| | images a second | times the first | peak memory |")
    print("|---|---|---|---|")
    for setting, found in best.items():
        speed = found["images_per_second"]
        print(f"| {setting} | {speed:.0f} | {speed / baseline:.1f} | {found['gigabytes']:.1f} GB |")


if __name__ == "__main__":
    main()
