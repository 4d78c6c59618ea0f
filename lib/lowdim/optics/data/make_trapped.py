"""Make `trapped.json`: light through relaxed clusters of a harmonic trap, at rest and warm; minutes.

The clusters are those of `lowdim.wigner` for 100 and 1000 electrons, scaled until the mean distance of
nearest neighbours among the inner third is the spacing. Thermal displacements are drawn from the normal
modes in classical equilibrium at the coupling Gamma = kappa/(a_ws k_B T), with pi a_ws^2 the area per
electron in the middle; the rotation of the cluster as a whole is left out. Lengths in wavelengths.
"""

from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from lowdim._provenance import provenance
from lowdim._sweep import sweep
from lowdim.optics.beam import driving_polarization, gaussian_beam
from lowdim.optics.dipoles import polarizability, solve_dipoles
from lowdim.optics.flux import transmission
from lowdim.optics.readout import azimuthal_harmonics
from lowdim.stored import store
from lowdim.wigner.clusters import relax
from lowdim.wigner.large import fluid_cluster, relax_large
from lowdim.wigner.modes import normal_modes
from lowdim.wigner.stored import stored_cluster

HERE = Path(__file__).parent
K, WAIST, TILT, AZIMUTHS = 2 * np.pi, 1.0, np.pi / 3, 16
SPACINGS, COUPLINGS, SNAPSHOTS = (0.45, 0.2), (400, 150), 6
ORDERS = [0, 2, 4, 6]


def cluster(n):
    """Relaxed positions in units of the trap's length."""
    if n <= 100:
        return stored_cluster(n)
    return relax(relax_large(fluid_cluster(n)).positions).positions


def inner_spacing(place):
    """Mean distance of nearest neighbours among the inner third."""
    nearest = cKDTree(place).query(place, k=2)[0][:, 1]
    order = np.argsort(np.hypot(*place.T))
    return float(nearest[order[: len(place) // 3]].mean())


def thermal(place, coupling, count, rng):
    """Displacements of `count` snapshots, shape (count, N, 2), in the unit of `place`."""
    modes = normal_modes(place)
    stiff = modes.squares > 1e-4  # all but the rotation as a whole
    spacing = inner_spacing(place)
    wigner_seitz = spacing * np.sqrt(np.sqrt(0.75) / np.pi)
    temperature = 1 / (wigner_seitz * coupling)
    amplitude = np.sqrt(temperature / modes.squares[stiff])
    draws = rng.normal(size=(count, int(stiff.sum()))) * amplitude
    return np.einsum("sm,mia->sia", draws, modes.vectors[stiff])


def turn(place):
    """T at equidistant azimuths of sites in the plane."""
    sites = np.pad(place, ((0, 0), (0, 1)))
    reach = np.hypot(*place.T).max()
    fields, powers = [], []
    for phi in 2 * np.pi * np.arange(AZIMUTHS) / AZIMUTHS:
        beam = gaussian_beam(K, WAIST, TILT, phi, driving_polarization(TILT, phi), reach=reach)
        fields.append(beam.fields(sites)[0])
        powers.append(beam.power)
    light = solve_dipoles(sites, polarizability(0.0, K), np.array(fields), K)
    return transmission(light, powers)[0]


def row(n, spacing, coupling, snapshot, place, moved):
    values = turn(spacing / inner_spacing(place) * moved)
    harmonics = azimuthal_harmonics(values, ORDERS)
    return {
        "n": n, "a": spacing, "coupling": coupling, "snapshot": snapshot, "T": np.round(values, 8).tolist(),
        "amplitudes": np.round(2 * np.abs(harmonics[1:]), 8).tolist(),
    }  # fmt: skip


def main():
    jobs = []
    for n in (100, 1000):
        place = cluster(n)
        for spacing in SPACINGS:
            jobs.append((n, spacing, None, 0, place, place))
            for coupling in COUPLINGS:
                moves = thermal(place, coupling, SNAPSHOTS, np.random.default_rng([n, coupling]))
                jobs += [(n, spacing, coupling, i, place, place + m) for i, m in enumerate(moves)]
    rows = sweep(row, jobs, "clusters")
    record = provenance(
        {
            "wavelength": 1, "waist": WAIST, "detuning": 0, "tilt_degrees": round(np.degrees(TILT)),
            "harmonics": ORDERS[1:], "snapshots": SNAPSHOTS, "seeds": "[n, coupling]",
        }
    )  # fmt: skip
    store(HERE / "trapped.json", {"rows": rows}, record)


if __name__ == "__main__":
    main()
