"""axe-core finds what is wrong with a page; `test_pages` has it look at all of them."""

import hashlib

import accessibility

DIGEST = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
FAULTS = """
<p>Words before <a href="#" style="text-decoration: none; color: #e00">a link</a> and words behind it.</p>
<p>Words before <a href="#"><span></span></a> and words behind it.</p>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="> <button></button> <input> <select></select>
<div role="checkbox" tabindex="0">Not said whether checked</div> <ul><p>Not in an item</p></ul>
<div style="height: 40px; overflow: auto"><div style="margin-top: 400px">Far below</div></div>
<svg role="img" width="9" height="9"></svg>
"""
FOUND = """link-in-text-block link-name image-alt button-name label select-name aria-required-attr list
scrollable-region-focusable svg-img-alt""".split()


def test_the_checker_is_the_published_one():
    assert hashlib.sha256(accessibility.AXE.read_bytes()).hexdigest() == DIGEST


def test_faults_are_found(reader):
    reader.visit("book/index.html")
    formulas = reader.run("return document.querySelectorAll('mjx-container').length")
    reader.run("document.querySelector('.bd-article').insertAdjacentHTML('beforeend', arguments[0])", FAULTS)
    assert accessibility.prepare(reader) == formulas
    for view in accessibility.VIEWS:
        found = {row.split()[1].rstrip(":") for row in accessibility.look(reader, *view)}
        assert found - {"color-contrast"} == set(FOUND), view
