#!/usr/bin/env bash
# Makes the weights for photographs: three stages on FER2013's Training, each from the weights of the
# one before and with it as the teacher. About 40, 90 and 89 minutes on two shared cores of AMD EPYCs.
# Needs COURSE_DATA, PyTorch, and Keras 3.13.2, the oldest that the course supports.
#
# The file that ships was made before commit eeabf6b, with the slice of 3,589 images for validation in
# the first stage, and `--keep 700` in the others and for the temperature: 2,889 images of the slice
# joined the training. There, with that commit's names of modules and options:
#   python -m course_utils.long_training runs/teacher --epochs 36
#   python -m course_utils.long_training runs/student --epochs 70 --keep 700 \
#     --teachers runs/teacher/average.keras --start runs/teacher/average.keras
#   python -m course_utils.long_training runs/third --epochs 36 --learning-rate 0.05 --noise 0.06 \
#     --seed 1 --keep 700 --teachers runs/student/average.keras --start runs/student/average.keras
#   python tools/ship_weights.py runs/third/average.keras photographs --keep 700
# This script has not been run since. It replaces the weights that ship;
# `git checkout course_utils/weights` brings them back.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python}

"$python" -m research.train runs/teacher --epochs 36
"$python" -m research.train runs/student --epochs 70 \
    --teachers runs/teacher/average.keras --initial-weights runs/teacher/average.keras
"$python" -m research.train runs/third --epochs 36 --learning-rate 0.05 --noise-sigma 0.06 --seed 1 \
    --teachers runs/student/average.keras --initial-weights runs/student/average.keras
"$python" -m research.ship_weights runs/third/average.keras photographs
"$python" -m research.evaluate_weights
