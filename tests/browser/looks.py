"""What a page shows, compared: fingerprints of canvases, and both themes."""

import hashlib
from collections.abc import Callable, Iterator

from playwright.sync_api import Locator, Page


def fingerprint(canvas: Locator) -> str:
    """Short for what a canvas shows."""
    return hashlib.sha256(canvas.evaluate("c => c.toDataURL()").encode()).hexdigest()


def soon(page: Page, holds: Callable[[], bool]) -> bool:
    """Whether something holds within about 5 seconds."""
    for _ in range(200):
        if holds():
            return True
        page.wait_for_timeout(25)
    return False


def themes(page: Page) -> Iterator[bool]:
    """Change JupyterLab to dark, then to light: whether it is light now."""
    for theme, light in (("JupyterLab Dark", False), ("JupyterLab Light", True)):
        page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.wait_for_function(f"document.body.dataset.jpThemeLight === '{str(light).lower()}'")
        yield light


def slider_handle(lab: Locator, name: str) -> Locator:
    """The handle of the ipywidgets slider with this label."""
    return lab.locator(f".widget-inline-hbox:has(> label:text-is('{name}')) .noUi-handle").first
