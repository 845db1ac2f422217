"""Name the expressions that a camera sees: python examples/webcam.py NETWORK [FILM]

NETWORK is a .keras file, as train.py leaves it. Without a FILM, the first camera. q quits.
"""

import sys

import cv2
import keras
import numpy as np

from course_utils.webcam import Face, crop_face, detect_faces

EMOTIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
TITLE, GREEN = "q quits", (80, 220, 80)  # colours are blue, green, red


def predict(crops: np.ndarray, network: keras.Model) -> np.ndarray:
    images = crops[..., np.newaxis].astype("float32") / 255
    return np.asarray(keras.ops.softmax(network.predict_on_batch(images)))


def draw(frame: np.ndarray, face: Face, probabilities: np.ndarray) -> None:
    x, y, width, height = face.box
    best = probabilities.argmax()
    name = EMOTIONS[best] if probabilities[best] >= 0.5 else "unsure"
    cv2.rectangle(frame, (x, y), (x + width, y + height), GREEN, 2)
    text, corner = f"{name} {probabilities[best]:.0%}", (x, max(20, y - 8))
    cv2.putText(frame, text, corner, cv2.FONT_HERSHEY_SIMPLEX, 0.7, GREEN, 2)


def annotate(frame: np.ndarray, network: keras.Model) -> None:
    pixels = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
    if faces := detect_faces(pixels):
        crops = np.stack([crop_face(pixels, face) for face in faces])
        for face, probabilities in zip(faces, predict(crops, network), strict=True):
            draw(frame, face, probabilities)


def show(network: keras.Model, source: str | int = 0) -> None:
    capture = cv2.VideoCapture(source)
    try:
        arrived, frame = capture.read()
        if not arrived:
            sys.exit(f"{source} gives no picture: no film, no camera, or in use elsewhere.")
        while arrived and cv2.waitKey(1) != ord("q"):
            annotate(frame, network)
            cv2.imshow(TITLE, frame)
            arrived, frame = capture.read()
    finally:
        capture.release()
        cv2.destroyAllWindows()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    if "GUI: NONE" in " ".join(cv2.getBuildInformation().split()):
        sys.exit("This OpenCV has no windows: examples/requirements.txt says what to do.")
    show(keras.saving.load_model(sys.argv[1]), *sys.argv[2:])
