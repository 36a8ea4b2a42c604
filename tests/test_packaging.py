"""The project's frame: what is declared, what is installed, what is loaded when."""

import ast
import importlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement

import gan_course

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
README = (ROOT / "README.md").read_text()
DISTRIBUTION = {"PIL": "pillow", "markdown_it": "markdown_it_py"}  # of a module whose package has another name


def in_new_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def names(requirements: list[str]) -> set[str]:
    return {Requirement(line).name.replace("-", "_") for line in requirements}


def imports(source: str) -> set[str]:
    """The top-level names that some code imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.split(".")[0])
    return found


def packages(modules: set[str]) -> set[str]:
    """The packages, Python's own aside, that these modules come from."""
    return {DISTRIBUTION.get(name, name) for name in modules - sys.stdlib_module_names}


def imported(folder: Path) -> set[str]:
    """The top-level names that the files in a folder import."""
    found = set().union(*(imports(file.read_text()) for file in folder.rglob("*.py")))
    own = {"gan_course", *(file.stem for file in folder.rglob("*.py")), *(p.name for p in folder.rglob("*"))}
    return packages(found - own)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    """A wheel built from a copy, so that the checkout stays as it is."""
    copy = tmp_path_factory.mktemp("build")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    shutil.copytree(ROOT / "gan_course", copy / "gan_course", ignore=shutil.ignore_patterns("__pycache__"))
    code = "from setuptools.build_meta import build_wheel; build_wheel('dist')"
    subprocess.run([sys.executable, "-c", code], cwd=copy, check=True, capture_output=True)
    return zipfile.ZipFile(next(copy.glob("dist/*.whl")))


def test_the_wheel_holds_every_file_of_the_package(wheel):
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "gan_course").rglob("*") if path.is_file()}
    answers = {str(path.relative_to(ROOT)) for path in (ROOT / "gan_course" / "questions").glob("*.toml")}
    assert {name for name in files - answers if "__pycache__" not in name} <= set(wheel.namelist())


def test_the_wheel_has_the_questions_but_not_the_bank_with_their_answers(wheel):
    there = {name for name in wheel.namelist() if name.startswith("gan_course/questions/")}
    assert there == {"gan_course/questions/keys.json"}


def test_the_wheel_has_the_version_of_the_package(wheel):
    metadata = next(name for name in wheel.namelist() if name.endswith("METADATA"))
    assert f"Version: {gan_course.__version__}\n" in wheel.read(metadata).decode()


def test_the_console_script_exists():
    module, function = PROJECT["scripts"]["gan-course"].split(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_every_import_of_the_package_is_declared():
    came_with = {"IPython", "ipykernel", "jupyter_core", "jupyter_server", "traitlets"}  # parts of JupyterLab
    assert imported(ROOT / "gan_course") - came_with <= names(
        PROJECT["dependencies"] + PROJECT["optional-dependencies"]["inception"]
    )


def test_every_import_of_the_tests_is_declared():
    came_with = {"IPython", "ipykernel", "jupyter_client", "jupyter_core", "nbformat", "traitlets"}
    declared = names(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"])
    assert imported(ROOT / "tests") - came_with <= declared


def test_the_notebooks_need_no_more_than_a_learner_installs():
    """Of the extras nothing: chapters and quizzes run after `pip install -e .`."""
    found = set()
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                found |= imports(cell.source)
    assert "torch" in found
    assert packages(found - {"gan_course"}) <= names(PROJECT["dependencies"])


def test_every_dependency_has_a_lower_bound():
    for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]:
        assert re.search(r">=|==", line), line


def test_conda_installs_this_project_for_the_same_python():
    lines = [line.strip() for line in (ROOT / "environment.yml").read_text().splitlines()]
    assert f"- python{PROJECT['requires-python']}" in lines
    assert lines[lines.index("- pip:") + 1 :] == ["- -e ."]


@pytest.mark.parametrize("command", ["pip install -e . && gan-course", 'pip install -e ".[test]" && pytest'])
def test_the_readme_has_the_two_commands(command):
    assert f"```bash\n{command}\n```" in README


def test_ci_runs_the_readmes_test_command():
    script = (ROOT / ".ci" / "run").read_text()
    assert '\npip install -e ".[test]" && pytest\n' in script
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"]).returncode == 0


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_the_documents_point_to_what_is_there(document):
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / document).read_text())
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_readmes_example_works(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)
    exec(example, {})
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("step 300: d_loss") and last == "True"


def test_importing_the_package_or_asking_for_help_loads_nothing_heavy():
    code = """
import contextlib, io, sys
import gan_course
from gan_course.cli import main
for command in ([], ["train"], ["sweep"], ["lab"], ["data"], ["doctor"]):
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        main([*command, "--help"])
print({"torch", "torchvision", "numpy", "matplotlib", "ipywidgets", "anywidget", "jupyterlab"} & set(sys.modules))
"""
    assert in_new_python(code) == "set()\n"


def test_the_engine_loads_without_jupyter():
    code = """
import importlib, pkgutil, sys
for name in ("anywidget", "ipywidgets", "jupyterlab", "jupyter_server", "IPython", "ipykernel"):
    sys.modules[name] = None
import gan_course
for module in pkgutil.walk_packages(gan_course.__path__, "gan_course."):
    if not module.name.startswith(("gan_course.widgets", "gan_course.commands.websocket")):  # Jupyter's own side
        importlib.import_module(module.name)
print(gan_course.Trainer().run(2).step)
"""
    assert in_new_python(code) == "2\n"


def test_every_public_name_loads():
    assert all(getattr(gan_course, name) is not None for name in gan_course.__all__)
    assert set(gan_course.__all__) <= set(dir(gan_course))
    with pytest.raises(AttributeError, match="no attribute 'Trainr'"):
        gan_course.Trainr  # noqa: B018
