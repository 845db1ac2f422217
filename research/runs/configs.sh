#!/usr/bin/env bash
# Changes one setting of the training at a time, twice each, on 12,560 photographs of FER2013's
# Training at 32 pixels: docs/recipes.md, "One change at a time, in a short run". Needs COURSE_DATA
# and PyTorch. At eeabf6b it compared sharpness-aware steps and FER+'s votes as targets as well:
#   python tools/compare_recipes.py runs/recipes.jsonl --epochs 6 --images 12560 --pixels 32 \
#     --teacher runs/quick/average.keras --votes fer2013new.csv
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python}
export KERAS_BACKEND=torch

"$python" -m research.train runs/quick --epochs 12 --resolutions 32 32 40 --ema-decay 0.99
"$python" -m research.compare_configs runs/configs.jsonl --epochs 6 --images 12560 --pixels 32 \
    --teacher runs/quick/average.keras
