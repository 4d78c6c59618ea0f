"""The automatic checks run what the README tells a reader to run, on every Python and processor promised."""

import re

import pytest
import yaml

import kernels
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
    imitated = WORKFLOWS["weekly"]["jobs"]["processors"]["strategy"]["matrix"]["kernel"]
    assert imitated == [kernel.name for kernel in kernels.KERNELS if "avx512f" not in kernel.flags]
    assert steps("weekly", "processors")[1].endswith(" -- make book test")
    assert steps("weekly", "package") == ["make package"]
    assert steps("weekly", "newest")[0] == "make lock-newest"
    assert steps("weekly", "oldest") == ["make lock-oldest", "make book", "make test"]
    assert WORKFLOWS["weekly"][True]["schedule"][0]["cron"].endswith(" 1")


def test_actions_are_pinned_to_what_was_read():
    """A tag can be moved to other code, a hash cannot."""
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        for use in re.findall(r"uses: (.*)", path.read_text()):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use), f"{path.name}: {use}"


def test_what_is_installed_has_a_hash():
    pinned = dict(re.findall(r"^([\w.-]+)==([^ ;\n]+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    blocks = re.split(r"^(?=\S)", (ROOT / ".ci" / "hashes.txt").read_text(), flags=re.MULTILINE)[1:]
    listed = {}
    for block in blocks:
        name, version = re.match(r"([\w.-]+)==([^ ;\n]+)", block).groups()
        listed[name] = version
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), name
    assert listed.items() <= pinned.items()
    kept = {"HASHES": ".ci/hashes.txt"}
    for name, workflow in WORKFLOWS.items():
        for job, content in workflow["jobs"].items():
            if job not in ("deploy", "package", "oldest"):  # these install nothing, or other versions
                settings = (workflow.get("env") or {}) | (content.get("env") or {})
                assert kept.items() <= settings.items(), f"{name} {job}"
    wanted = "".join((ROOT / name).read_text() for name in ("requirements.txt", "tests/requirements.txt"))
    assert set(re.findall(r"^([a-z][\w-]+)", wanted.replace("_", "-"), re.MULTILINE)) <= set(listed)


def test_the_check_has_the_python_that_a_peer_needs():
    texts = "".join(path.read_text() for path in (ROOT / "tests" / "peers").glob("*.txt"))
    for version in re.findall(r"^# python (.*)$", texts, re.MULTILINE):
        steps_with = [step["with"] for step in WORKFLOWS["ci"]["jobs"]["test"]["steps"] if "with" in step]
        (setup,) = (given for given in steps_with if "python-version" in given)
        assert setup["python-version"].split("\n")[:2] == [version, "${{ matrix.python }}"]


def test_every_week_measures_what_the_tests_see():
    assert steps("weekly", "measures") == ["make coverage", "make mutants", "make test-twice"]


def test_every_week_looks_at_every_page_in_every_view():
    assert WORKFLOWS["weekly"]["jobs"]["pinned"]["env"]["AXE_EVERY_VIEW"] == "1"


def test_every_week_repeats_the_runs_of_the_projector_code():
    """In the release whose packages made what is stored."""
    job = WORKFLOWS["weekly"]["jobs"]["first-principles"]
    assert steps("weekly", "first-principles")[1:] == ["make peers", "make repeat"]
    assert job["container"] == "debian:12"
    makefile = (ROOT / "Makefile").read_text()
    recipe = re.search(r"^repeat:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1]
    assert "make.py --repeat --codes gpaw" in recipe and "debian.py gpaw gpaw-data" in recipe
    peers = re.search(r"^peers-env:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1]
    assert "debian.py elk-lapw gpaw gpaw-data" in peers
