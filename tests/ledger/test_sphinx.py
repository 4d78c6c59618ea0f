"""What the extension does at the ends of a build, without a build."""

import json
from types import SimpleNamespace

import pytest

from lowdim.ledger import Paper

extension = pytest.importorskip("lowdim.ledger.sphinx")


def app(folder, *, builder="html", shown=(), claims=()):
    """What the extension asks of Sphinx; `files` are the styles and scripts that it adds."""
    files = []
    env = SimpleNamespace(lowdim_claims=dict(claims), lowdim_shown=dict(shown))
    return SimpleNamespace(
        env=env, outdir=str(folder), builder=SimpleNamespace(format=builder), files=files,
        add_css_file=files.append,
        add_js_file=lambda name, loading_method: files.append((name, loading_method)),
    )  # fmt: skip


def test_claims_are_written_when_a_page_of_the_web_was_built(tmp_path, capsys):
    dot = Paper("jauregui1996")
    dot.number("tab.II.M", [0.851, 0.04, 0.32, 0.29, 0.43], tolerance=0.005, reason="digits", note="Zürich")
    claims = {"dot/levels": [one.to_dict() for one in dot.decided.values()]}
    extension._finished(app(tmp_path, builder="latex", claims=claims), None)
    extension._finished(app(tmp_path, claims=claims), RuntimeError("a page failed"))
    assert list(tmp_path.iterdir()) == []
    extension._finished(app(tmp_path, claims=claims), None)
    text = (tmp_path / "claims.json").read_text("utf8")
    (claim,) = [one for one in json.loads(text) if one["verdict"] != "open"]
    assert claim["id"] == "tab.II.M" and claim["page"].startswith("dot/levels")
    assert "Zürich" in text and text.endswith("]\n")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_never_written(tmp_path, monkeypatch, number):
    monkeypatch.setattr(extension, "assemble", lambda records: [{"computed": number}])
    with pytest.raises(ValueError, match="JSON"):
        extension._finished(app(tmp_path), None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("shown", "claims", "files"),
    [
        ({}, {}, []),
        ({"p": {"ledger"}}, {}, ["ledger.css", ("ledger.js", "defer")]),
        ({"p": {"summary"}}, {}, ["ledger.css"]),
        ({}, {"p": []}, ["ledger.css"]),
        ({"other": {"ledger"}}, {"other": []}, []),
    ],
)
def test_style_and_script_are_loaded_where_they_are_needed(tmp_path, shown, claims, files):
    made = app(tmp_path, shown=shown, claims=claims)
    extension._page_context(made, "p", "page.html", {}, None)
    assert made.files == files


def test_pages_read_beside_each_other_are_put_together(tmp_path):
    here, there = (app(tmp_path, claims={name: [name]}, shown={name: {name}}).env for name in ("a", "b"))
    there.lowdim_claims["c"] = ["not asked for"]
    extension._merge(None, here, {"a", "b"}, there)
    assert here.lowdim_claims == {"a": ["a"], "b": ["b"]} and here.lowdim_shown == {"a": {"a"}, "b": {"b"}}
    extension._forget(None, here, "a")
    assert here.lowdim_claims == {"b": ["b"]} and here.lowdim_shown == {"b": {"b"}}
