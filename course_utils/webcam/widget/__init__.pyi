from .camera import CameraWidget as CameraWidget
from .camera import decode_jpeg as decode_jpeg
