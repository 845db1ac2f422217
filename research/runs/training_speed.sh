#!/usr/bin/env bash
# Measures how fast the networks train on a quiet computer, then trains `compact` on FER2013's
# Training in short runs, and prints their accuracies on PublicTest: docs/training_speed.md.
# Needs COURSE_DATA and PyTorch. At eeabf6b `--resolutions` was `--sizes` and `--ema-decay` was
# `--averaging`.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python}
train() { "$python" -m research.train "$@" --ema-decay 0.99; }

"$python" -m research.benchmark_training
train runs/growing --epochs 12 --resolutions 24 32 40 --batch-size 64
train runs/growing13 --epochs 13 --resolutions 24 32 40 --batch-size 64
train runs/small11 --epochs 11 --resolutions 32 32 40 --batch-size 64
train runs/small --epochs 12 --resolutions 32 32 40 --batch-size 64
train runs/quick --epochs 12 --resolutions 32 32 40
train runs/short --epochs 10 --resolutions 32 32 48
