"""The automatic checks run what the README tells a reader to run, on every Python and processor promised."""

import re

import pytest
import yaml

import pages

ROOT = pages.ROOT
FILES = (ROOT / ".github" / "workflows").glob("*.yml")
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in FILES}


def steps(workflow, job):
    return [step["run"] for step in WORKFLOWS[workflow]["jobs"][job]["steps"] if "run" in step]


def test_the_check_is_made_of_commands_of_the_readme():
    commands = re.findall(r"^make .*$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert commands[:2] == ["make book", "make test"]
    readme = (ROOT / "README.md").read_text()
    assert all(f"`{command}`" in readme for command in commands)


def test_every_command_of_the_readme_is_there():
    makefile = (ROOT / "Makefile").read_text()
    for goal in re.findall(r"`make ([a-z-]+)`", (ROOT / "README.md").read_text()):
        assert re.search(rf"^{goal}:", makefile, re.MULTILINE), goal


@pytest.mark.parametrize(("workflow", "job"), [("ci", "test"), ("weekly", "package")])
def test_every_python_is_tried(workflow, job):
    tried = WORKFLOWS[workflow]["jobs"][job]["strategy"]["matrix"]["python"]
    listed = re.findall(r"Python :: (3\.\d+)", (ROOT / "lib" / "pyproject.toml").read_text())
    assert tried == listed == ["3.11", "3.12", "3.13"]


def test_every_push_runs_the_twins_and_every_week_the_kernels():
    assert steps("ci", "test") == ["bash .ci/run"]
    assert "tests/notebooks" not in str(WORKFLOWS["ci"])  # nothing is left out of `make test`
    assert steps("weekly", "kernels") == ["make test-kernels"]
    assert steps("weekly", "package") == ["make package"]
    assert WORKFLOWS["weekly"][True]["schedule"][0]["cron"].endswith(" 1")
