#!/usr/bin/env bash
# Trains six designs of the network twice each, for 4 epochs on FER2013's Training, and prints
# accuracy against cost: docs/designs.md. Needs COURSE_DATA and PyTorch. How fast they train is
# printed first, which wants a quiet computer.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python}
export KERAS_BACKEND=torch

"$python" -m research.benchmark_designs
"$python" -m research.compare_designs runs/designs.jsonl --epochs 4
