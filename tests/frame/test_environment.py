"""The script that makes `.venv` says what is missing and notices what changed."""

import environment


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(environment.sys, "version_info", (3, 10, 4))
    monkeypatch.setattr(environment.sys, "version", "3.10.4 (main)")
    assert environment.missing().startswith("Python 3.11 or newer is needed and this is 3.10.4")


def test_a_missing_module_is_named(monkeypatch):
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    assert "apt install python3-venv" in environment.missing()


def test_this_machine_lacks_nothing():
    assert environment.missing() is None


def test_a_changed_requirement_makes_the_environment_stale(monkeypatch, tmp_path):
    for name in environment.INPUTS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("numpy\n")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    before = environment.fingerprint()
    assert environment.fingerprint() == before
    (tmp_path / "constraints.txt").write_text("numpy==2.4.6\n")
    assert environment.fingerprint() != before
