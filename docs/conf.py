"""How Sphinx builds the web site: the README is its home page, the notebooks its lessons.

`make site` calls it. The pages are the repository's own files, so nothing is written twice.
"""

import re
import shutil
import sys
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert as to_mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_FOLDER / "tools"))

import repository  # noqa: E402

project = "Emotion detection with CNNs"
copyright = f'the authors of "{project}": text and figures CC BY 4.0, code MIT'
version = release = repository.version()
language = "en-GB"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "README"
include_patterns = [
    "*.md",
    "course_utils/weights/*.md",
    "data/README.md",
    "docs/*.md",
    "docs/api/*.md",
    "notebooks/*.ipynb",
]
# GitHub shows the README without a table of contents; the site adds it.
CONTENTS = """

```{toctree}
:hidden:
:caption: Lessons
:glob:
notebooks/*
```

```{toctree}
:hidden:
:caption: To look things up
:glob:
docs/*
TROUBLESHOOTING
CONTRIBUTING
CHANGELOG
```

```{toctree}
:hidden:
:caption: API reference
docs/api/ground_floor
docs/api/dataset
docs/api/drawn_faces
docs/api/training
docs/api/evaluation
docs/api/webcam
docs/api/interpretation
docs/api/robustness
docs/api/plots
```

```{toctree}
:hidden:
:caption: Data and weights
data/README
course_utils/weights/README
course_utils/weights/BLAZEFACE
```
"""

# The outputs are those that the notebooks were saved with.
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 4

default_role = "code"  # one backtick in a docstring, as in Markdown
autodoc_default_options = {"members": True, "member-order": "bysource"}
napoleon_use_ivar = True  # named tuples list their attributes by themselves
autodoc_typehints_format = "short"
nitpicky = True
# What other libraries define is described on their own sites.
nitpick_ignore_regex = [("py:.*", r"(?!course_utils).*")]

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["static"]
html_css_files = ["course.css"]
html_math_renderer = "mathml"
html_copy_source = html_show_sourcelink = False
html_theme_options = {
    "navbar_persistent": [],  # its search field: the sidebar has one
    "repository_url": repository.address(),
    "repository_branch": repository.ref(),
    "use_repository_button": True,
    "launch_buttons": {"colab_url": "https://colab.research.google.com"},
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def adapt_page(app: Sphinx, page: str, source: list[str]) -> None:
    """Give the home page the site's table of contents, and leave out anchors for JupyterLab."""
    if page == root_doc:
        source[0] += CONTENTS
    source[0] = re.sub(r'^<a id="[^"]+"></a>$', "", source[0], flags=re.MULTILINE)


def show_formula(translator: HTML5Translator, node: nodes.math | nodes.math_block) -> None:
    """Write a formula as MathML, which browsers draw and screen readers read without a script."""
    display = "block" if isinstance(node, nodes.math_block) else "inline"
    translator.body.append(to_mathml(node.astext(), display=display))
    raise nodes.SkipNode


def name_home_page(app: Sphinx, failure: Exception | None) -> None:
    """Put the home page where web servers look for it."""
    if failure is None:
        shutil.copy(Path(app.outdir) / f"{root_doc}.html", Path(app.outdir) / "index.html")


def setup(app: Sphinx) -> None:
    """Register what this site does differently from Sphinx."""
    app.connect("source-read", adapt_page)
    app.connect("build-finished", name_home_page)
    app.add_html_math_renderer("mathml", (show_formula, None), (show_formula, None))
