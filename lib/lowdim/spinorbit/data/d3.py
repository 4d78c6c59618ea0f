"""Dispersion energies of bulk and layer: Grimme's D3 with the damping of Becke and Johnson, for PBE.

S. Grimme, S. Ehrlich and L. Goerigk, J. Comput. Chem. 32, 1456 (2011), by the package `dftd3` of its authors
(pip install dftd3). Pairs only; depends on the structure alone.
"""

from importlib.metadata import version

import numpy as np

from lowdim.spinorbit.data.elk import ANGSTROM, EV

NUMBERS = {"Mo": 42, "W": 74, "S": 16, "Se": 34}


def positions(a, d, c, layers):
    """Cell and positions in angstrom, the metal first in each layer; 2H stacking for two layers."""
    cell = np.array([[a, 0, 0], [a / 2, a * np.sqrt(0.75), 0], [0, 0, c]])
    third, up, axis = (cell[0] + cell[1]) / 3, np.array([0, 0, d]), cell[2]
    if layers == 1:
        middles = [(axis / 2, 0 * third, third)]
    else:
        middles = [(axis / 4, third, 2 * third), (3 * axis / 4, 2 * third, third)]
    return cell, np.array([middle + place for middle, m, x in middles for place in (m, x + up, x - up)])


def energy(job, a, d, c, layers):
    from dftd3.interface import DispersionModel, RationalDampingParam

    cell, places = positions(a, d, c, layers)
    numbers = np.array([NUMBERS[job["metal"]], *[NUMBERS[job["chalcogen"]]] * 2] * layers)
    model = DispersionModel(numbers, places * ANGSTROM, cell * ANGSTROM, np.array([True] * 3))
    damping = RationalDampingParam(method=job["functional"].lower())
    return round(float(model.get_dispersion(damping, grad=False)["energy"]) * EV, 6)


def dispersion(job):
    """Energies at the lattice constants of the job: of the layer in vacuum, of the bulk by height."""
    try:
        told = {"code": f"dftd3 {version('dftd3')}"}
    except ImportError as error:
        raise RuntimeError("`dftd3` is missing: run `pip install dftd3` and try again.") from error
    pairs = list(zip(job["lattice"], job["separations"], strict=True))
    vacuum = job["vacuum"]
    result = {
        "layer": [energy(job, a, d, 2 * d + vacuum, 1) for a, d in pairs],
        "bulk": {str(c): [energy(job, a, d, c, 2) for a, d in pairs] for c in job["heights"]},
    }
    return result, told
