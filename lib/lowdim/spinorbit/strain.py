"""What uniform strain and another functional do to the band edges at K.

The runs are those of GPAW with the lattice constant of Table I of Zhu et al., Phys. Rev. B 84, 153402 (2011),
changed by -2 to 2 percent; the separation of the layers of metal and chalcogen follows it as in the relaxed
layers. Energies of different structures are compared from the potential in the vacuum beside the layer. A
deformation potential is the change of such an energy with the share by which the area grows, twice the
strain. For two layers the runs at -1 and 1 percent are repeated with plane waves to 600 eV and 20 angstrom of
vacuum; what that changes is an error for all.
"""

import numpy as np

from lowdim._checks import choice, refuse
from lowdim.spinorbit.edges import edge_numbers, edge_runs, stored_edges
from lowdim.spinorbit.firstprinciples import MATERIALS

__all__ = ["deformation_potential", "edges_at_k", "strain_slope", "strained_materials", "strains"]

#: in percent of the lattice constant, as planned
_PLANNED = (-2, -1, 1, 2)
_FINER = ("MoS2", "WSe2")


def strains(material):
    """Strains of the stored runs, in percent of the lattice constant.

    Parameters
    ----------
    material : str
        MoS2, MoSe2, WS2 or WSe2.

    Returns
    -------
    tuple of int

    Raises
    ------
    ValueError
        If the material is not one of these.

    Examples
    --------
    >>> set(strains("MoS2")) <= {-2, -1, 1, 2}
    True
    """
    choice("material", material, MATERIALS)
    runs = edge_runs("gpaw")
    return tuple(x for x in _PLANNED if f"{material} strain {x:+d}" in runs)


def strained_materials():
    """Materials of which at least three strained runs are stored, -1 and 1 percent among them.

    Returns
    -------
    list of str

    Examples
    --------
    >>> set(strained_materials()) <= {"MoS2", "MoSe2", "WS2", "WSe2"}
    True
    """
    return [m for m in MATERIALS if len(strains(m)) > 2 and {-1, 1} <= set(strains(m))]


def edges_at_k(material, name="small"):
    """The four bands around the gap at K, from the vacuum.

    Parameters
    ----------
    material : str
    name : str
        Of a stored run of GPAW, as for `lowdim.spinorbit.edges.stored_edges`.

    Returns
    -------
    ndarray, shape (4,)
        In eV; lower and upper valence, lower and upper conduction band.

    Raises
    ------
    ValueError
        If there is no such run.

    Examples
    --------
    >>> found = edges_at_k("MoS2")
    >>> bool(np.all(np.diff(found) > 0)), bool(-8 < found[1] < -5)
    (True, True)
    """
    energies = stored_edges("gpaw", material, name).energies[:, -1]
    return energies - edge_runs("gpaw")[f"{material} {name}"]["vacuum level"]


def strain_slope(material, quantity):
    """How a number changes with one percent of strain.

    A parabola through the strains. The error is the distance from the slope of the cubic through four
    strains, or, if there are three, from that of a straight line.

    Parameters
    ----------
    material : str
        One of `strained_materials`.
    quantity : str
        One of those of `lowdim.spinorbit.edges.edge_numbers`.

    Returns
    -------
    slope, error : float
        Per percent, in the unit of the quantity.

    Raises
    ------
    ValueError
        If the runs are not stored, or there is no such quantity.

    Examples
    --------
    >>> m = strained_materials()[0]
    >>> slope, error = strain_slope(m, "valence")
    >>> abs(slope) < 5, error >= 0
    (True, True)
    """
    known = _known(material)
    numbers = [edge_numbers(stored_edges("gpaw", material, f"strain {x:+d}")) for x in known]
    choice("quantity", quantity, tuple(numbers[0]))
    return _slope(known, [n[quantity] for n in numbers])


def deformation_potential(material, band):
    """Change of a band edge at K, from the vacuum, with the area.

    Parameters
    ----------
    material : str
        One of `strained_materials`.
    band : {"valence", "conduction"}
        The upper valence or the lower conduction band.

    Returns
    -------
    potential, error : float
        In eV. The error holds that of the fit and the largest change with basis and vacuum.

    Raises
    ------
    ValueError
        If the runs are not stored, or there is no such band.

    Examples
    --------
    >>> m = strained_materials()[0]
    >>> valence, conduction = (deformation_potential(m, b)[0] for b in ("valence", "conduction"))
    >>> conduction < valence
    True
    """
    choice("band", band, ("valence", "conduction"))
    known, row = _known(material), {"valence": 1, "conduction": 2}[band]
    slope, error = _slope(known, [edges_at_k(material, f"strain {x:+d}")[row] for x in known])
    # the area grows by two percent with one of strain
    return 50 * slope, float(np.hypot(50 * error, max(_of_the_setting(m, row) for m in _FINER)))


def _of_the_setting(material, row):
    """Change of a deformation potential with basis and vacuum, by differences over two percent."""
    found = []
    for ending in ("", " finer"):
        low, high = (edges_at_k(material, f"strain {x:+d}{ending}")[row] for x in (-1, 1))
        found.append(25 * (high - low))
    return abs(found[1] - found[0])


def _known(material):
    if material not in strained_materials():
        refuse("material", f"one of {', '.join(strained_materials())}", material)
    return strains(material)


def _slope(known, values):
    parabola, other = (float(np.polyfit(known, values, n)[-2]) for n in (2, 3 if len(known) > 3 else 1))
    return parabola, abs(other - parabola)
