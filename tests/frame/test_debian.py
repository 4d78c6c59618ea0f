"""Debian packages for the independent codes: installed where it may be, left alone elsewhere."""

import types

import pytest

import debian


@pytest.fixture
def system(monkeypatch):
    """A machine with one package, where apt has another, and all that was run there."""
    there, asked = {"gpaw"}, []

    def run(command, **options):
        asked.append(command)
        if command[0] == "dpkg-query":
            found = command[-1] in there
            return types.SimpleNamespace(returncode=0 if found else 1, stdout="installed" if found else "")
        if "install" in command and command[-1] == "elk-lapw":
            there.add("elk-lapw")
        return types.SimpleNamespace(returncode=0, stdout="")

    monkeypatch.setattr(debian.subprocess, "run", run)
    monkeypatch.setattr(debian, "may_install", lambda: True)
    return asked


def test_what_is_missing_is_installed_and_what_cannot_be_is_told(system):
    assert debian.install(["gpaw", "elk-lapw", "unknown"]) == ["unknown"]
    installed = [command[-1] for command in system if "install" in command]
    assert installed == ["elk-lapw", "unknown"]
    assert ["apt-get", "-qq", "update"] in system


def test_nothing_is_done_where_all_is_there(system):
    assert debian.install(["gpaw"]) == []
    assert not [command for command in system if command[0] == "apt-get"]


def test_nobody_but_root_installs(system, monkeypatch):
    monkeypatch.setattr(debian, "may_install", lambda: False)
    assert debian.install(["elk-lapw"]) == ["elk-lapw"]
    assert not [command for command in system if command[0] == "apt-get"]


def test_a_machine_without_dpkg_has_no_package(monkeypatch):
    def run(command, **options):
        raise FileNotFoundError

    monkeypatch.setattr(debian.subprocess, "run", run)
    assert not debian.is_installed("gpaw")
