"""Does the layer expand when it leaves the bulk? Both relaxed by one code with one functional.

Energies of the bulk and of the layer at the same lattice constants a, separations d and settings, so that the
errors of basis and k points are nearly the same in both; the little force that is left on d is taken to
second order. The functional is PBE, alone or with the dispersion energy D3 of S. Grimme, S. Ehrlich and
L. Goerigk, J. Comput. Chem. 32, 1456 (2011). The height c of the bulk is the measured one, or that of lowest
energy among the stored ones. Energies in eV for a single layer of the bulk, lengths in angstrom.

The runs are those of GPAW (400 eV, 6 by 6 k points, 2 along the normal). For one material they are repeated
with a finer basis and mesh (500 eV, 9 by 9 by 3).
"""

from dataclasses import dataclass

import numpy as np

from lowdim._checks import array_of_shape, boolean, choice, real, refuse
from lowdim.spinorbit.firstprinciples import MATERIALS, stored_run, stored_runs

__all__ = ["Relaxed", "lattice_minimum", "layer_and_bulk", "relaxed_layer", "relaxed_materials"]

#: of the bulk, in percent of the measured one, as the runs are named
HEIGHTS = ("-4", "+0", "+4", "+12")


@dataclass(frozen=True)
class Relaxed:
    """Lattice constants of minimal energy.

    Attributes
    ----------
    layer, bulk : float
        In angstrom.
    expansion : float
        Of the layer over the bulk, in percent.
    height : float
        c of the bulk, in angstrom.
    error : float
        Of the expansion by the fits: how much it moves without the cubic term, which is that of the layer
        relaxed on a finer mesh, and, for a relaxed height, without the largest of the four heights.
    """

    layer: float
    bulk: float
    expansion: float
    height: float
    error: float


def lattice_minimum(lattice, energy, *, cubic=None):
    """Lattice constant of minimal energy, from a polynomial through the points.

    Parameters
    ----------
    lattice, energy : array_like, shape (n,)
        At least three points; a cubic is fitted to four or more.
    cubic : float, optional
        Third derivative over six, in eV/angstrom^3, given from elsewhere.

    Returns
    -------
    minimum : float
    stiffness : float
        Second derivative there, eV/angstrom^2.

    Raises
    ------
    ValueError
        If there are too few points, or no minimum within or close to them.

    Examples
    --------
    >>> minimum, stiffness = lattice_minimum([3.1, 3.2, 3.3], [0.09, 0.04, 0.09])
    >>> round(minimum, 6), round(stiffness, 6)
    (3.2, 10.0)
    """
    lattice = array_of_shape("lattice", lattice, (None,))
    energy = array_of_shape("energy", energy, lattice.shape)
    if len(np.unique(lattice)) < max(3, len(lattice)):
        refuse("lattice", "at least 3 points, all different", lattice)
    minimum, stiffness, _ = _lowest(lattice, energy, None if cubic is None else real("cubic", cubic))
    return minimum, stiffness


def _lowest(lattice, energy, cubic):
    """Place, stiffness and energy of the minimum."""
    x = lattice - lattice.mean()
    given = 0.0 if cubic is None else cubic
    order = 3 if len(lattice) > 3 and cubic is None else 2
    fit = np.polyadd([given, 0, 0, 0], np.polyfit(x, energy - given * x**3, order))
    reach = np.ptp(x)
    for root in np.roots(np.polyder(fit)):
        curvature = np.polyval(np.polyder(fit, 2), root)
        if abs(root.imag) < 1e-9 and curvature.real > 0 and abs(root.real) < reach:
            place = float(root.real)
            return float(lattice.mean() + place), float(curvature.real), float(np.polyval(fit, place))
    raise ValueError("energy: expected a minimum within the lattice constants or close to them, got none")


def relaxed_layer(material):
    """Layer relaxed by GPAW with PBE, plane waves to 500 eV, 9 by 9 k points, 12 angstrom of vacuum.

    Parameters
    ----------
    material : str

    Returns
    -------
    a, d : float
        Lattice constant and separation, angstrom.
    cubic : float
        Third derivative of the energy over six, eV/angstrom^3.
    separation : callable
        Force-free separation at another lattice constant.

    Examples
    --------
    >>> a, d, _, separation = relaxed_layer("MoS2")
    >>> round(a, 2), round(float(separation(a) - d), 6)
    (3.18, 0.0)
    """
    lattice, separation, energy, _ = np.array(stored_run("relaxed-layer", material)["a d energy force"]).T
    a, _ = lattice_minimum(lattice, energy)
    curve = np.polynomial.Polynomial.fit(lattice, separation, 2)
    x = lattice - lattice.mean()
    return a, float(curve(a)), float(np.polyfit(x, energy, 3)[0]), curve


def relaxed_materials():
    """Materials whose layer, and bulk at all heights, are stored.

    Examples
    --------
    >>> set(relaxed_materials()) <= {"MoS2", "MoSe2", "WS2", "WSe2"}
    True
    """
    return _whole("")


def layer_and_bulk(material, *, dispersion=False, height="measured", finer=False):
    """Lattice constants of layer and bulk.

    Parameters
    ----------
    material : str
        One of `relaxed_materials`.
    dispersion : bool
        Whether the dispersion energy is added to that of PBE.
    height : {"measured", "relaxed"}
        Of the bulk. The relaxed one has the lowest energy on the cubic through the stored heights, within
        their range: without dispersion this may be its upper end.
    finer : bool
        Whether the runs are those of the finer basis and mesh, stored for MoS2.

    Returns
    -------
    Relaxed

    Raises
    ------
    ValueError
        If the runs are not stored, or an argument is not of its kind.

    Examples
    --------
    >>> found = layer_and_bulk(relaxed_materials()[0])
    >>> abs(found.expansion) < 2
    True
    """
    boolean("dispersion", dispersion)
    choice("height", height, ("measured", "relaxed"))
    boolean("finer", finer)
    if material not in relaxed_materials():
        raise ValueError(f"material: expected one of {', '.join(relaxed_materials())}, got {material!r}")
    ending = " finer" if finer else ""
    if material not in _whole(ending):
        raise ValueError(f"finer: expected False for {material}, got True")
    *_, cubic, free = relaxed_layer(material)
    lattice, of_layer, of_bulk, heights = _energies(material, dispersion, free, ending)
    measured, every = HEIGHTS.index("+0"), len(HEIGHTS)
    fits = [(cubic, every), (None, every), *([(cubic, every - 1)] if height == "relaxed" else [])]
    found = []
    for third, count in fits:
        layer = lattice_minimum(lattice, of_layer, cubic=third)[0]
        if height == "measured":
            c, bulk = heights[measured], lattice_minimum(lattice, of_bulk[measured], cubic=third)[0]
        else:
            minima = [_lowest(lattice, energy, third) for energy in of_bulk[:count]]
            bulk, c = _at_lowest(heights[:count], np.array(minima))
        found.append((layer, bulk, 100 * (layer / bulk - 1), float(c)))
    error = np.linalg.norm([other[2] - found[0][2] for other in found[1:]])
    return Relaxed(*found[0], float(error))


def _whole(ending):
    """Materials of which there are all runs with names of this ending."""
    keys = {run["key"] for run in stored_runs("crystals")["runs"]}
    names = ("layer", *(f"bulk {x}" for x in HEIGHTS))
    return [m for m in MATERIALS if all(f"{m} {name}{ending}" in keys for name in names)]


def _energies(material, dispersion, free, ending):
    """Lattice constants, energies of the layer, of the bulk (height, lattice constant), and heights."""
    runs = {run["key"]: run for run in stored_runs("crystals")["runs"]}
    names = ("layer", *(f"bulk {x}" for x in HEIGHTS))
    layer, *bulks = (runs[f"{material} {name}{ending}"] for name in names)
    lattice, separation, of_layer, force = np.array(layer["a d energy force"]).T
    # what is left of the force on d: it and the distance to the force-free d give the stiffness
    stiffness = np.mean(force / (free(lattice) - separation))
    of_layer = of_layer - force**2 / stiffness
    heights = np.array([bulk["inputs"]["c"] for bulk in bulks])
    energy, force = np.array([bulk["a d energy force"] for bulk in bulks]).T[2:]
    of_bulk = (energy / 2 - force**2 / stiffness).T
    if dispersion:
        added = stored_run("dispersion", material)
        of_layer = of_layer + np.array(added["layer"])
        of_bulk = of_bulk + np.array([added["bulk"][str(height)] for height in heights]) / 2
    return lattice, of_layer, of_bulk, heights


def _at_lowest(heights, minima):
    """Lattice constant and height where the energy is lowest, on polynomials through the heights."""
    x = heights - heights.mean()
    lattice, energy = (np.polyfit(x, minima[:, column], len(x) - 1) for column in (0, 2))
    fine = np.linspace(x.min(), x.max(), 2001)
    place = fine[np.polyval(energy, fine).argmin()]
    return float(np.polyval(lattice, place)), place + heights.mean()
