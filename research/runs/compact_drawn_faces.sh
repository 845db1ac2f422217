#!/usr/bin/env bash
# Makes the weights for drawn faces: lesson 04's training on the 7,000 training faces, 6 epochs in
# batches of 64, the best epoch on validation. About seven minutes on two quiet cores of an AMD EPYC.
# `make drawn-weights` runs it with Colab's versions, with which the file that ships was made.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python}
export COURSE_DATA=drawn_faces

"$python" -m course_utils.training runs/drawn_faces --epochs 6 --batch-size 64
"$python" -m research.ship_weights runs/drawn_faces/best.keras drawn_faces
"$python" -m research.evaluate_weights
