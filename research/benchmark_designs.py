"""Measure how many images each design trains on in a second of one core, and print Markdown.

The processor's time counts and not the clock's, so that other programs disturb little. The designs
take turns, and the best step of each counts.

Usage: KERAS_BACKEND=torch python -m research.benchmark_designs
"""

import time

import torch

from research.benchmark_training import BATCH_SIZE, processor
from research.compare_designs import cost
from research.config import Config
from research.designs import DESIGNS, build_network
from research.trainer import Trainer

TURNS = 4


def seconds_of_step(trainer: Trainer) -> float:
    """Return the processor seconds of one training step at 48 pixels."""
    images = torch.rand(BATCH_SIZE, 1, 48, 48)
    targets = torch.eye(7)[torch.arange(BATCH_SIZE) % 7]
    start = time.process_time()
    trainer.train_step(images, targets, 0.5)
    return time.process_time() - start


def main() -> None:
    """Let the designs take turns, and print what each costs."""
    torch.set_num_threads(1)
    trainers = {design: Trainer(Config(), build_network(design)) for design in DESIGNS}
    seconds = dict.fromkeys(DESIGNS, float("inf"))
    for _ in range(TURNS):
        for design, trainer in trainers.items():
            seconds[design] = min(seconds[design], seconds_of_step(trainer))
    print(f"One of the cores of {processor()}, {trainers['compact'].precision}:\n")
    print("| design | parameters | multiply-adds | images a second and core |")
    print("|---|---|---|---|")
    for design in DESIGNS:
        numbers = cost(design)
        print(
            f"| {design} | {numbers['parameters']:,} "
            f"| {numbers['multiply_adds'] / 1e6:.0f} million "
            f"| {BATCH_SIZE / seconds[design]:.0f} |"
        )


if __name__ == "__main__":
    main()
