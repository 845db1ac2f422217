"""Open every page of the built web site in Chromium and let axe-core look for barriers.

Usage: python tools/audit_site.py [SITE]

Each page is judged at the width of a phone, light, and of a desktop, dark. Problems that axe-core
calls serious or critical fail. So does a page that is wider than the phone.
"""

import functools
import http.server
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright
from repository import PROJECT_FOLDER

SITE = PROJECT_FOLDER / "runs" / "site"
VIEWS = (("light", 390, 844), ("dark", 1280, 900))
PATIENCE = 120_000  # milliseconds, for a machine that does other things as well
SERIOUS = ("serious", "critical")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NO_BROWSER = (
    "The audit needs Chromium or Chrome. Debian and Ubuntu: sudo apt install chromium; elsewhere: "
    "python -m playwright install chromium."
)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing: the audit prints its own lines."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a folder to this machine alone, and yield its address."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def open_browser(playwright: Playwright) -> Browser:
    """Start the Chromium that is installed, or else playwright's own.

    Raises:
        FileNotFoundError: there is none.
    """
    names = ("chromium", "chromium-browser", "google-chrome")
    installed = next(filter(None, map(shutil.which, names)), None)
    flags = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium has no sandbox for root
    try:
        return playwright.chromium.launch(executable_path=installed, args=flags)
    except Error as error:
        raise FileNotFoundError(NO_BROWSER) from error


def new_page(browser: Browser, theme: str, width: int, height: int) -> Page:
    """Return a page in one theme and size, which loads nothing from elsewhere."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="no-preference"
    )
    context.add_init_script(f"localStorage.setItem('mode', '{theme}');")
    context.route(lambda url: not url.startswith("http://127.0.0.1"), lambda route: route.abort())
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


def problems(page: Page) -> Iterator[str]:
    """Yield what is wrong with the page that is open."""
    for violation in Axe().run(page, options=RULES).response["violations"]:
        if violation["impact"] in SERIOUS:
            for node in violation["nodes"]:
                yield f"{violation['id']}: {violation['help']}: {node['html'][:120]}"
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if wider > 0:
        yield f"the page is {wider} pixels wider than the window"


def audit(site: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each page of a built site, in each view, and its problems."""
    names = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    names = [name for name in names if not name.startswith("_static/") and name != "README.html"]
    with sync_playwright() as playwright, served(site) as address:
        browser = open_browser(playwright)
        for theme, width, height in VIEWS:
            for name in names:
                # A page of its own: what the last one loaded is given back.
                page = new_page(browser, theme, width, height)
                page.goto(f"{address}/{name}", wait_until="load")
                yield f"{name}, {theme}, {width} pixels", list(problems(page))
                page.context.close()
        browser.close()


def main() -> int:
    """Run the command and return its exit status."""
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else SITE
    if not (site / "index.html").is_file():
        print(f"There is no site in {site}: run make site.", file=sys.stderr)
        return 2
    views = broken = 0
    try:
        for view, lines in audit(site):
            print("\n  ".join([f"{view}: {'PROBLEMS' if lines else 'pass'}", *lines]), flush=True)
            views += 1
            broken += bool(lines)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{views} views of the site, {broken} with serious problems.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
