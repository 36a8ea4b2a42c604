"""A recording as one page that plays in any browser: no server, no network, no kernel."""

import base64
import os
from html import escape
from string import Template

from gan_course.files import write_atomically
from gan_course.recording import pack_recording, read_recording
from gan_course.widgets.esm import css, esm

# Both modules are loaded as they are, each with a top level of its own. In base64 nothing in them can end the script.
PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<style>
$style
</style>
</head>
<body>
<main class="gan-player gan-palette">
<h1>$title</h1>
<p>This is a recording of real training, played back without Python; to train and steer a GAN of your own, run
<code>pip install -e . &amp;&amp; gan-course</code> in the course's folder.</p>
<noscript>Playing it needs JavaScript, which is switched off in this browser.</noscript>
<script type="application/gzip">$recording</script>
</main>
<script type="module">
import canvas from "$canvas";
import { mount } from "$player";
mount(document.querySelector("main"), canvas.render);
</script>
</body>
</html>
""")


def write_page(
    recording: str | os.PathLike, path: str | os.PathLike, title: str = "A generative adversarial network trains"
) -> None:
    """Write a recording as one HTML file that holds all it needs; it is about 4/3 as large as the recording.

    Args:
        recording: the file that a `Recorder` wrote.
        path: where the page goes; what was there is replaced.
        title: the page's heading, plain text.

    Raises:
        FileNotFoundError: there is no such recording.
        OSError: the page can't be written.
        RecordingError: the file is no recording, is damaged, or holds no frame.
    """
    page = PAGE.substitute(
        title=escape(title),
        style="\n".join((css("gan_canvas.css"), css("player.css"))),
        recording=_base64(pack_recording(read_recording(recording))),
        canvas=_module(esm("gan_canvas.mjs")),
        player=_module(esm("player.mjs")),
    )
    write_atomically(path, page.encode())


def _module(source: str) -> str:
    return f"data:text/javascript;base64,{_base64(source.encode())}"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
