#!/usr/bin/env bash
# Trains a larger teacher, `wide`, and from it further networks, on FER2013's Training:
# docs/recipes.md, "Tried, and not shipped". 40 to 70 minutes each on two cores of an AMD EPYC (Zen 4).
# Needs COURSE_DATA and PyTorch. At eeabf6b each command had `--keep 700` as well, and the options
# `--start`, `--noise` and `--teacher-share` for `--initial-weights`, `--noise-sigma` and
# `--distillation-weight`.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python}
shipped=course_utils/weights/compact_photographs.keras

"$python" -m research.train runs/wide --model wide --epochs 36 --seed 2 --teachers "$shipped"
"$python" -m research.train runs/wider --model wide --epochs 28 --learning-rate 0.06 --seed 5 \
    --initial-weights runs/wide/average.keras --teachers "$shipped" runs/wide/average.keras
"$python" -m research.train runs/second --epochs 48 --seed 4 \
    --teachers "$shipped" runs/wide/average.keras
"$python" -m research.train runs/fourth --epochs 62 --noise-sigma 0.06 --seed 6 \
    --initial-weights "$shipped" --distillation-weight 0.7 \
    --teachers "$shipped" runs/wide/average.keras runs/second/average.keras
