"""Band edges against scipy's compiled characteristic values of Mathieu's equation, integrals against `quad`.

Up to depth 40: beyond, the root search now and then ends on another value (number 4479 of scipy's tracker).
"""

import math

import numpy as np
import pytest
import scipy
from scipy.integrate import quad
from scipy.special import itj0y0, mathieu_a, mathieu_b

from lowdim.exciton import MONOLAYER, phonon_phase_rate, quantum_correction
from lowdim.lattice import band_edges

SCIPY, BANDS = f"scipy {scipy.__version__}", 4


def test_band_edges(agrees):
    depths = np.geomspace(0.05, 40, 300)
    edges = [np.sort([mathieu_a(n, depths / 4), mathieu_b(n + 1, depths / 4)], axis=0) for n in range(BANDS)]
    theirs = np.moveaxis(np.array(edges), -1, 0) + depths[:, None, None] / 2
    agrees("lattice.band_edges", SCIPY, "edges of four bands", band_edges(depths, BANDS), theirs, atol=1e-12)


@pytest.mark.parametrize("kelvin", [3.0, 30.0, 300.0])
def test_correction_to_the_diffusion(kelvin, agrees):
    """Adaptive quadrature inside adaptive quadrature, of the integrand as it stands."""
    rate = float(phonon_phase_rate(MONOLAYER, kelvin) * MONOLAYER.momentum_time(kelvin))

    def loops(log_duration, root):
        duration = math.exp(log_duration)
        z = rate * root * duration / 2
        coherent = itj0y0(z)[0] / z if z > 1e-3 else 1 - z * z / 12
        decay = math.exp(-duration * (1 - coherent))
        return decay - math.exp(-duration) - (1 - math.exp(-duration)) * math.exp(-duration) * decay

    def at_energy(root):
        inner = quad(loops, -25, 9, args=(root,), limit=400, epsabs=1e-10)[0]
        return 2 * root * math.exp(-root * root) * inner

    theirs = -MONOLAYER.diffusion_quantum / (2 * math.pi) * quad(at_energy, 1e-6, 5.5, epsabs=1e-9)[0]
    ours = quantum_correction(MONOLAYER, [kelvin])[0]
    agrees("exciton.quantum_correction", SCIPY, "nested quadrature", ours, theirs, rtol=1e-8)
