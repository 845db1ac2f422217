from . import (
    dataset as dataset,
)
from . import (
    drawn_faces as drawn_faces,
)
from . import (
    evaluation as evaluation,
)
from . import (
    interpretation as interpretation,
)
from . import (
    plots as plots,
)
from . import (
    robustness as robustness,
)
from . import (
    training as training,
)
from . import (
    webcam as webcam,
)
from .classifier import load_pretrained as load_pretrained
from .dataset.loading import download_dataset as download_dataset
from .dataset.loading import load_dataset as load_dataset
from .emotions import COLOURS as COLOURS
from .emotions import EMOTIONS as EMOTIONS
from .models import build_model as build_model
from .preprocessing import preprocess as preprocess
from .split import Split as Split
from .webcam.tracking import detect_emotions as detect_emotions

__version__: str
