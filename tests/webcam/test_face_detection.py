import hashlib
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from course_utils.files import CHECKSUMS, WEIGHTS_FOLDER
from course_utils.webcam import blazeface, face_detection
from course_utils.webcam.blazeface import (
    FULL_RANGE,
    SHORT_RANGE,
    BlazeFace,
    Face,
    decode,
    detect_with,
    letterbox,
)
from course_utils.webcam.face_detection import crop_face, detect_faces, to_rgb

# Read off the photograph by hand, in pixels: the middle of the face from brow to chin and from
# ear to ear, and the two pupils.
CENTRE = np.array([224.0, 120.0])
PUPILS = np.array([[206.0, 103.0], [247.0, 106.0]])
FACE_WIDTH = 100.0
NETWORKS = (FULL_RANGE, SHORT_RANGE)
SKIMAGE_IMAGES = Path(skimage.data.__file__).parent


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    """Eileen Collins, photographed by NASA; in the public domain, bundled with scikit-image."""
    return skimage.data.astronaut()


def centre_of(face: Face) -> np.ndarray:
    x, y, width, height = face.box
    return np.array([x + width / 2, y + height / 2])


def move(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


def assert_is_her(face: Face, matrix: np.ndarray, scale: float = 1.0) -> None:
    """The face lies where `matrix` (2, 3) takes the astronaut's face."""
    assert np.linalg.norm(centre_of(face) - move(CENTRE, matrix)) < 0.15 * FACE_WIDTH * scale
    assert 0.75 < face.box[2] / (FACE_WIDTH * scale) < 1.25
    eyes = np.array([face.left_eye, face.right_eye])
    expected = np.array(sorted(move(PUPILS, matrix).tolist()))
    assert np.abs(eyes - expected).max() < 0.13 * FACE_WIDTH * scale


def scaling(factor: float, x: float = 0, y: float = 0) -> np.ndarray:
    return np.array([[factor, 0, x], [0, factor, y]], float)


def test_finds_the_face_and_its_eyes(astronaut):
    (face,) = detect_faces(astronaut)
    assert_is_her(face, scaling(1))
    assert face.score > 0.9
    assert all(type(value) is int for value in face.box)
    assert abs(face.tilt - 4) < 3


@pytest.mark.parametrize("side", [96, 192, 300, 1400])
def test_finds_it_at_any_size(astronaut, side):
    (face,) = detect_faces(cv2.resize(astronaut, (side, side), interpolation=cv2.INTER_AREA))
    assert_is_her(face, scaling(side / 512), scale=side / 512)


@pytest.mark.parametrize("size", [(1024, 512), (512, 1300), (1200, 1200)])
def test_finds_it_anywhere_in_a_larger_frame(astronaut, size):
    width, height = size
    for x, y in [(0, 0), (width - 512, height - 512)]:
        frame = np.full((height, width, 3), 90, np.uint8)
        frame[y : y + 512, x : x + 512] = astronaut
        (face,) = detect_faces(frame)
        assert_is_her(face, scaling(1, x, y))


@pytest.mark.parametrize("angle", [-45, -30, -20, 20, 30, 45])
def test_finds_a_leaning_face_and_its_angle(astronaut, angle):
    turn = cv2.getRotationMatrix2D(tuple(CENTRE), angle, 1)
    leaning = cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    (face,) = detect_faces(leaning)
    assert np.linalg.norm(centre_of(face) - CENTRE) < 0.15 * FACE_WIDTH
    # A positive angle turns the picture counter-clockwise; a tilt counts clockwise.
    assert abs(face.tilt - (4 - angle)) < 9


@pytest.mark.parametrize("light", [0.5, 0.1, 0.05])
def test_finds_it_in_little_light(astronaut, light):
    (face,) = detect_faces((astronaut * light).astype(np.uint8))
    assert_is_her(face, scaling(1))


def test_finds_two_faces(astronaut):
    faces = detect_faces(np.hstack([astronaut, astronaut[:, ::-1]]))
    assert len(faces) == 2
    first, second = sorted(faces, key=lambda face: face.box[0])
    assert np.linalg.norm(centre_of(first) - CENTRE) < 0.15 * FACE_WIDTH
    mirrored = np.array([1024 - CENTRE[0], CENTRE[1]])
    assert np.linalg.norm(centre_of(second) - mirrored) < 0.15 * FACE_WIDTH
    assert faces[0].score >= faces[1].score


def test_the_left_eye_is_left_in_a_mirror_too(astronaut):
    (face,) = detect_faces(astronaut[:, ::-1])
    assert face.left_eye[0] < face.right_eye[0]
    assert abs(face.tilt + 4) < 4


@pytest.mark.parametrize(
    "name", ["brick.png", "chelsea.png", "coffee.png", "coins.png", "grass.png", "rocket.jpg"]
)
def test_finds_no_face_where_there_is_none(name):
    picture = cv2.imread(str(SKIMAGE_IMAGES / name), cv2.IMREAD_COLOR_RGB)
    assert picture is not None
    assert detect_faces(picture) == []


def far_away(astronaut: np.ndarray, width: int) -> np.ndarray:
    """Place the photograph, `width` pixels wide, into a grey frame of 640 by 480."""
    frame = np.full((480, 640, 3), 110, np.uint8)
    small = cv2.resize(astronaut[30:230, 120:320], (width, width), interpolation=cv2.INTER_AREA)
    frame[300 : 300 + width, 420 : 420 + width] = small
    return frame


def test_a_small_face_is_found_by_looking_closely(astronaut):
    frame = far_away(astronaut, 64)
    assert detect_faces(frame, closely=False) == []
    (face,) = detect_faces(frame)
    expected = np.array([420, 300]) + (CENTRE - (120, 30)) * 64 / 200
    assert np.linalg.norm(centre_of(face) - expected) < 0.15 * FACE_WIDTH * 64 / 200


@pytest.mark.parametrize("corner", [(-300, 10), (10, -300), (600, 10), (10, 600)])
def test_a_region_outside_the_picture_has_no_face(astronaut, corner):
    assert face_detection.detect_within((*corner, 200, 200), astronaut, 0.1) == []


def test_what_a_second_look_does_not_see_is_no_face(monkeypatch, astronaut):
    monkeypatch.setattr(face_detection, "look_again", lambda *arguments: None)
    monkeypatch.setattr(face_detection, "SURE_SCORE", 2.0)
    assert detect_faces(astronaut) == []


def test_minimum_score_leaves_out_the_uncertain(astronaut):
    (face,) = detect_faces(astronaut)
    assert detect_faces(astronaut, minimum_score=face.score + 0.01) == []
    assert detect_faces(astronaut, minimum_score=face.score - 0.01) == [face]


def test_a_face_cut_by_the_edge_has_a_crop(astronaut):
    frame = astronaut[:, 195:]
    (face,) = detect_faces(frame)
    assert face.box[0] < 0
    assert crop_face(frame, face).shape == (48, 48)


def test_every_kind_of_picture_gives_the_same_face(astronaut):
    (expected,) = detect_faces(astronaut)
    opaque = np.full((512, 512, 1), 255, np.uint8)
    frozen = astronaut.copy()
    frozen.flags.writeable = False
    as_float = astronaut.astype(np.float32) / 255
    for frame in (np.dstack([astronaut, opaque]), frozen, as_float, np.asfortranarray(astronaut)):
        assert detect_faces(frame) == [expected]


def test_grey_pictures_work(astronaut):
    grey = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    (face,) = detect_faces(grey)
    assert_is_her(face, scaling(1))
    assert detect_faces(grey[:, :, np.newaxis]) == [face]


def test_the_frame_is_left_as_it_was(astronaut):
    frame = astronaut.copy()
    crop_face(frame, detect_faces(frame)[0])
    np.testing.assert_array_equal(frame, astronaut)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 1), (1, 700, 3), (700, 1, 3), (2, 3, 4)])
def test_tiny_frames_have_no_face(shape):
    assert detect_faces(np.full(shape, 128, np.uint8)) == []


@pytest.mark.parametrize(
    ("frame", "error", "says"),
    [
        (np.zeros((0, 5, 3), np.uint8), ValueError, "empty"),
        (np.zeros(5, np.uint8), ValueError, r"not \(5,\)"),
        (np.zeros((4, 4, 2), np.uint8), ValueError, r"not \(4, 4, 2\)"),
        (np.zeros((1, 4, 4, 3), np.uint8), ValueError, r"not \(1, 4, 4, 3\)"),
        (np.full((4, 4, 3), 255.0), ValueError, "divide by 255"),
        (np.full((4, 4, 3), -0.1), ValueError, "between 0 and 1"),
        (np.full((4, 4, 3), np.nan), ValueError, "between 0 and 1"),
        (np.zeros((4, 4, 3), np.int64), TypeError, "int64"),
        (np.zeros((4, 4, 3), bool), TypeError, "bool"),
        (None, ValueError, "shape"),
    ],
)
def test_what_is_no_picture_is_refused(frame, error, says):
    with pytest.raises(error, match=says):
        detect_faces(frame)


def test_to_rgb_rounds_floats_and_repeats_grey():
    np.testing.assert_array_equal(to_rgb(np.array([[0.0, 0.5, 1.0]]))[0, :, 2], [0, 128, 255])
    np.testing.assert_array_equal(to_rgb(np.array([[7, 9]], np.uint8)), [[[7] * 3, [9] * 3]])


def test_letterbox_keeps_the_proportions():
    network_input, scale, corner = letterbox(np.full((240, 320, 3), 255, np.uint8))
    assert network_input.shape == (1, 3, 192, 192)
    assert scale == 0.6
    assert corner.tolist() == [0, 24]
    np.testing.assert_allclose(network_input[0, :, 24:168], 1, atol=1e-6)
    np.testing.assert_allclose(network_input[0, :, :24], -1, atol=1e-6)
    np.testing.assert_allclose(network_input[0, :, 168:], -1, atol=1e-6)


def test_letterbox_keeps_red_first():
    red = np.zeros((192, 192, 3), np.uint8)
    red[..., 0] = 255
    network_input, _, _ = letterbox(red)
    np.testing.assert_allclose(network_input[0].mean(axis=(1, 2)), [1, -1, -1], atol=1e-6)


def test_decode_by_hand():
    regressors = np.zeros((2304, 16), np.float32)
    logits = np.full(2304, -200, np.float32)
    # The second row's third cell: its centre is (10, 6).
    regressors[48 + 2] = [1, -2, 20, 30, -5, -4, 5, -3, *range(8)]
    logits[48 + 2] = np.log(3)
    boxes, points, scores = decode(regressors, logits)
    assert boxes[50].tolist() == [11 - 10, 4 - 15, 20, 30]
    assert points[50, :2].tolist() == [[5, 2], [15, 3]]
    assert scores[50] == pytest.approx(0.75)
    assert scores[0] == pytest.approx(0, abs=1e-40)


def test_decode_of_the_short_range_network_by_hand():
    """Two anchors in each of 16 by 16 cells come first, then six in each of 8 by 8."""
    regressors = np.zeros((896, 16), np.float32)
    logits = np.full(896, -200, np.float32)
    regressors[2 * 16 + 3, :4] = [0, 0, 46.8, 46.8]  # second row, second cell: (12, 12)
    regressors[512 + 6 * 8 + 6, :4] = [4, 0, 46.8, 46.8]  # second row, second cell: (24, 24)
    boxes, _, _ = decode(regressors, logits, SHORT_RANGE)
    assert len(boxes) == 896
    # Enlarged from 46.8 to 50, and moved up by 0.062 of that.
    np.testing.assert_allclose(boxes[35], [12 - 25, 12 - 3.1 - 25, 50, 50], atol=1e-4)
    np.testing.assert_allclose(boxes[566], [28 - 25, 24 - 3.1 - 25, 50, 50], atol=1e-4)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.file)
@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")
def test_opencv_runs_the_networks_as_tensorflow_lite_does(astronaut, network):
    interpreters = pytest.importorskip("tensorflow").lite.Interpreter
    network_input, _, _ = letterbox(astronaut, network)
    runner = blazeface._load_network(network)
    runner.setInput(network_input)
    ours = runner.forward(network.outputs)

    interpreter = interpreters(str(WEIGHTS_FOLDER / network.file))
    interpreter.allocate_tensors()
    channels_last = np.ascontiguousarray(network_input.transpose(0, 2, 3, 1))
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], channels_last)
    interpreter.invoke()
    theirs = {
        output["shape"][-1]: interpreter.get_tensor(output["index"])
        for output in interpreter.get_output_details()
    }
    np.testing.assert_allclose(ours[0], theirs[16], atol=2e-3)
    np.testing.assert_allclose(ours[1], theirs[1], atol=2e-3)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.file)
def test_both_networks_draw_the_same_box(astronaut, network):
    face = detect_with(network, astronaut)[0]
    assert_is_her(face, scaling(1))


def test_a_face_that_fills_the_frame_is_found(astronaut):
    """From brow to chin, as in many portraits: too close for the full-range network."""
    close = astronaut[70:175, 170:280]
    assert detect_with(FULL_RANGE, close) == []
    (face,) = detect_faces(close)
    assert np.linalg.norm(centre_of(face) - (CENTRE - (170, 70))) < 0.2 * FACE_WIDTH


def test_the_crop_is_the_square_of_its_margin():
    frame = np.zeros((100, 120, 3), np.uint8)
    frame[30:70, 40:80] = 200
    # A level face whose box is the bright square; the crop's middle lies slightly higher.
    face = Face((40, 30, 40, 40), 1.0, (52.0, 44.0), (68.0, 44.0))
    crop = crop_face(frame, face, size=80, margin=2)
    assert crop.dtype == np.uint8
    rows, columns = np.nonzero(crop > 100)
    assert (columns.min(), columns.max()) == (20, 59)
    assert (rows.min(), rows.max()) == (21, 60)


def test_a_crop_that_leaves_the_frame_repeats_its_edge():
    white = np.full((60, 60, 3), 255, np.uint8)
    cut = Face((-20, -30, 50, 50), 1.0, (0.0, -10.0), (20.0, -5.0))
    assert crop_face(white, cut).min() == 255


def test_the_crop_levels_the_eyes(astronaut):
    (upright,) = detect_faces(astronaut)
    turn = cv2.getRotationMatrix2D(tuple(CENTRE), 25, 1)
    leaning = cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    (face,) = detect_faces(leaning)
    expected = crop_face(astronaut, upright, size=96)
    levelled = crop_face(leaning, face, size=96)
    untouched = crop_face(leaning, Face(face.box, 1.0, (0.0, 0.0), (1.0, 0.0)), size=96)

    def likeness(crop: np.ndarray) -> float:
        return np.corrcoef(crop.ravel(), expected.ravel())[0, 1]

    assert likeness(levelled) > 0.65
    assert likeness(levelled) > likeness(untouched) + 0.2


def test_the_crop_has_the_eyes_where_fer2013_has_them(astronaut):
    (face,) = detect_faces(astronaut)
    mark = astronaut.copy()
    mark[:] = 0
    for x, y in (face.left_eye, face.right_eye):
        cv2.circle(mark, (round(x), round(y)), 3, (255, 255, 255), -1)
    rows, columns = np.nonzero(crop_face(mark, face) > 60)
    left, right = columns[columns < 24].mean(), columns[columns >= 24].mean()
    # The medians over FER2013's Training photographs are (15, 19) and (32.5, 19).
    assert abs(left - 15) < 3
    assert abs(right - 32.5) < 3
    assert abs(rows.mean() - 19) < 3


def test_a_large_face_shrinks_without_aliasing():
    stripes = np.zeros((480, 480, 3), np.uint8)
    stripes[:, ::2] = 255
    face = Face((40, 40, 400, 400), 1.0, (150.0, 200.0), (330.0, 200.0))
    crop = crop_face(stripes, face)
    assert crop.std() < 20
    assert abs(crop.mean() - 127.5) < 3


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.file)
def test_the_shipped_files_are_those_their_note_describes(network):
    content = (WEIGHTS_FOLDER / network.file).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert f"{digest}  {network.file}\n" in (WEIGHTS_FOLDER / CHECKSUMS).read_text("utf-8")
    note = (WEIGHTS_FOLDER / "BLAZEFACE.md").read_text(encoding="utf-8")
    assert digest in note
    assert f"{len(content):,} bytes" in note


@pytest.fixture
def copied_weights(monkeypatch, tmp_path):
    """Stand copies of the files in their place, in a folder with accents."""
    folder = tmp_path / "José’s Kurs"
    folder.mkdir()
    for network in NETWORKS:
        shutil.copy(WEIGHTS_FOLDER / network.file, folder)
    shutil.copy(WEIGHTS_FOLDER / CHECKSUMS, folder)
    blazeface._load_network.cache_clear()
    monkeypatch.setattr(blazeface, "WEIGHTS_FOLDER", folder)
    yield folder
    blazeface._load_network.cache_clear()


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.file)
def test_a_damaged_file_is_named(copied_weights: Path, network: BlazeFace):
    path = copied_weights / network.file
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(ValueError, match=f"{network.file} is not the file that the course ships"):
        detect_faces(np.zeros((4, 4, 3), np.uint8))


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.file)
def test_a_missing_file_is_named(copied_weights: Path, network: BlazeFace):
    (copied_weights / network.file).unlink()
    with pytest.raises(FileNotFoundError, match=f"{network.file} is missing"):
        detect_faces(np.zeros((4, 4, 3), np.uint8))


def test_the_networks_load_from_a_folder_with_accents(copied_weights, astronaut, monkeypatch):
    if os.name != "nt":  # other threads would see another folder
        monkeypatch.setattr(os, "chdir", lambda _: pytest.fail("the process's folder is changed"))
    assert len(detect_faces(astronaut)) == 1
