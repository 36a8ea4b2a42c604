"""HTML of the reports: everything from a student is escaped, and no page runs a script or loads anything."""

import base64
import functools
import hashlib

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt

from gan_course.grading.text import visible

_LONG = 4000  # characters of an answer or of feedback


def page(template: str, **values: object) -> bytes:
    """A page made of one of the templates."""
    return _environment().get_template(template).render(values).encode()


@functools.cache
def _environment():
    loader = PackageLoader("gan_course.grading")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    style = loader.get_source(made, "report.css")[0].strip()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    made.globals |= {"style": style, "policy": policy}
    made.filters |= {"line": visible, "block": _block, "markdown": _markdown, "number": "{:g}".format}
    return made


def _block(text):
    return visible(text.strip(), _LONG, lines=True)


@functools.lru_cache(1000)
def _markdown(text):
    """A question's Markdown, without HTML, images or links."""
    return _reader().render(_block(text))


@functools.cache
def _reader():
    return MarkdownIt("commonmark", {"html": False}).disable(["image", "link", "autolink"])
