"""A decided claim is displayed in a notebook, and printed elsewhere."""

import sys
from types import SimpleNamespace

import pytest

from lowdim.ledger import Paper

VALUES = ("tab.II.M", [0.85, 0.04, 0.32, 0.29, 0.43])
DIGITS = {"tolerance": 0.005, "reason": "two printed digits"}


@pytest.mark.parametrize("shell", [None, object()])
def test_the_record_goes_where_the_reader_is(monkeypatch, capsys, shell):
    displayed = []
    notebook = SimpleNamespace(get_ipython=lambda: shell, display=SimpleNamespace(display=displayed.append))
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    paper = Paper("jauregui1996")
    paper.number(*VALUES, **DIGITS)
    record, printed = paper.decided["tab.II.M"], capsys.readouterr().out
    if shell is None:
        assert not displayed and printed == f"{record}\n" and "[J Table II, M]" in printed
    else:
        assert displayed == [record] and not printed


def test_without_a_notebook_s_library_it_is_printed(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    Paper("jauregui1996").number(*VALUES, **DIGITS)
    assert "[J Table II, M]" in capsys.readouterr().out


def test_papers_show_their_name_and_know_their_verdicts():
    assert repr(Paper("jauregui1996")) == "Paper('jauregui1996')"
    with pytest.raises(ValueError, match="verdict: expected one of "):
        Paper("jauregui1996").number(*VALUES, **DIGITS, verdict="true")
