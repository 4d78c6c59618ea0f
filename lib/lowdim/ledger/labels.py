"""How a claim is cited: the paper's initial and its own number, so that it never collides with the book's."""

from lowdim.ledger.inventory import entry, head

__all__ = ["label_of"]

KINDS = {"eq": "", "fig": "Fig. ", "tab": "Table ", "text": "text: "}


def label_of(paper, id):
    """Return the citation of a claim: ``K A4``, ``J Table II, M``, ``Z text: kz dispersion``.

    The inventory's label where it has one.

    Raises
    ------
    ValueError
        If the paper or the id is not in the inventory.

    Examples
    --------
    >>> label_of("knorzer2020", "eq.A4"), label_of("jauregui1996", "tab.II.M")
    ('K A4', 'J Table II, M')
    >>> label_of("zhu2011", "text.kz-dispersion")
    'Z text: kz dispersion'
    """
    given = entry(paper, id).get("label")
    if given:
        return given
    kind, _, rest = id.partition(".")
    rest = rest.replace("-", " ") if kind == "text" else rest.replace(".", ", ")
    return f"{head(paper).label[0]} {KINDS.get(kind, kind + ' ')}{rest}"
