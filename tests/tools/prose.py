"""What the pages say in words, for tests that hold it to what the solvers find."""

import re

import pages


def text_of(page):
    """Text of a page of the book, in one line."""
    return re.sub(r"\s+", " ", (pages.ROOT / "book" / page).read_text("utf8"))


def said(page, pattern):
    """The numbers in the one phrase of a page that fits a pattern."""
    found = [match.groups() for match in re.finditer(pattern, text_of(page))]
    assert len(found) == 1, f"{pattern} fits {len(found)} phrases of {page}"
    return [float(number) for number in found[0]]
