"""Stored clusters: the lowest minima found for N = 2..100 electrons, harmonic trap, Coulomb interaction.

Made by `data/make_clusters.py` (`make data`); the search is described there. Nothing here is computed.
"""

import json
from functools import cache

from lowdim._checks import refuse
from lowdim.stored import load_stored

__all__ = ["search_record", "stored_cluster", "stored_exchange"]


@cache
def _archive():
    return load_stored("wigner", "clusters.npz")


def stored_cluster(n):
    r"""Positions of the lowest minimum known of n electrons.

    Parameters
    ----------
    n : int
        2 to 100.

    Returns
    -------
    ndarray, shape (n, 2)
        In units of :math:`\ell`, pairs counted once, forces below 1e-11; sorted by distance from the centre.

    Raises
    ------
    ValueError
        If no such cluster is stored.

    Examples
    --------
    >>> stored_cluster(7).shape
    (7, 2)
    """
    name = f"positions_{n}"
    if name not in _archive():
        refuse("n", "a number of electrons in 2..100", n)
    return _archive()[name].copy()


def search_record():
    """Provenance, and for every N how the search went.

    Returns
    -------
    dict
        "provenance" and "search", the latter a list with one dict per N: energy, residual, number of distinct
        minima, gap to the second one, random starts, how many of them found the lowest, and hops that did.

    Examples
    --------
    >>> [row["n"] for row in search_record()["search"]][:3]
    [2, 3, 4]
    """
    return {name: json.loads(str(_archive()[name])) for name in ("provenance", "search")}


def stored_exchange(name):
    """Stored exchanges.

    Parameters
    ----------
    name : {"exchange", "one_loop", "rings", "loops", "spins"}
        "exchange": exact splittings of pinned pairs, from `data/make_exchange.py`; "one_loop": actions and
        prefactors of the same pairs, both ways round, from `data/make_one_loop.py`; "rings": actions and
        prefactors of ring exchanges with all electrons free, from `data/make_rings.py`; "loops": the next
        order of some, from `data/make_loops.py`; "spins": total spins of the ground states that rings make,
        with errors, from `data/make_spins.py`.

    Returns
    -------
    dict
        "provenance" and lists of dicts.

    Raises
    ------
    ValueError
        If the name is unknown.

    Examples
    --------
    >>> stored_exchange("exchange")["bonds"][0]["electrons"]
    10
    """
    names = ("exchange", "one_loop", "rings", "loops", "spins")
    if name not in names:
        refuse("name", f"one of {', '.join(names)}", name)
    return load_stored("wigner", f"{name}.json")
