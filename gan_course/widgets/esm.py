"""The page's part of a widget: one module and one style sheet, made of the files beside this one."""

import re
from pathlib import Path

HERE = Path(__file__).parent
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)


def esm(name: str) -> str:
    """The source of an .mjs file, with the neighbours that it imports from put in front of it.

    anywidget loads it from a blob, where `import "./x.mjs"` fails. So they become one module, and no two of these
    files may use the same name at their top level. Node and a web server take the files as they are.
    """
    sources: dict[str, str] = {}
    _collect(name, sources)
    return "\n".join(sources.values())


def _collect(name, sources):
    if name not in sources:
        source = (HERE / name).read_text(encoding="utf-8")
        for neighbour in IMPORT.findall(source):
            _collect(neighbour, sources)
        sources[name] = IMPORT.sub("", source)


def css(*names: str) -> str:
    """Style sheets, one after the other, with the course's palette in front of them."""
    return "\n".join((HERE / file).read_text(encoding="utf-8") for file in ("palette.css", *names))
