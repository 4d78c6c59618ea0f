"""Which verdicts notice a fault in which solver: the stored record of `make sensitivity`.

Each page is run with one public function that it calls, or one file of stored data, spoiled: what the page
gets from it is scaled, shifted, turned in sign or scattered. A claim notices the function if its check then
fails. A tested claim that notices nothing is a tautology, unless it is decided by symbols alone.
"""

from functools import cache
from importlib.resources import files

from lowdim._checks import words
from lowdim.stored import load_stored

__all__ = ["notices", "record"]

NAME = "sensitivity.json"


@cache
def record():
    """Return the stored record: by page, its claims and the functions each of them notices."""
    if not files("lowdim.ledger").joinpath("data", NAME).is_file():
        return {"pages": {}}
    return load_stored("ledger", NAME)


def notices(paper, id):
    """Return the functions whose faults a claim notices, sorted; empty if none is recorded.

    Examples
    --------
    >>> isinstance(notices("jauregui1996", "tab.II.M"), list)
    True
    """
    key = f"{words('paper', paper)} {words('id', id)}"
    found = {name for page in record()["pages"].values() for name in page["claims"].get(key, [])}
    return sorted(found)
