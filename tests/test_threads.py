"""One thread or two, one process or two: every solver gives the same to rounding."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = """
import json, sys
import numpy as np
from lowdim._sweep import sweep
from lowdim.dot import QuantumDot, spectrum
from lowdim.exciton import Ensemble, PlaneWaves, run_backscattering, run_ensemble
from lowdim.lattice import dense_energies, lattice, long_range_matrix
from lowdim.optics import CIRCULAR, lattice_patch, polarizability, scatter, solve_dipoles
from lowdim.spinorbit import bands, random_model
from lowdim.wigner import (
    Keldysh, elasticity_matrix, find_minima, normal_modes, relax, spin_levels, stored_cluster,
)

count = int(sys.argv[1])
cluster = stored_cluster(80)
sites = np.pad(lattice_patch("square", 0.4, 120, "disc"), ((0, 0), (0, 1)))[:, :3]
wave = np.exp(2j * np.pi * 0.3 * sites[:, :1]) * CIRCULAR
light = solve_dipoles(sites, polarizability(0.2, 2 * np.pi), wave, 2 * np.pi)
couplings = np.exp(-np.abs(np.subtract.outer(np.arange(11), np.arange(11)))) * (1 - np.eye(11))
packets = Ensemble(1.5, (0.0,), points=32, length=20.0, step=0.1, duration=2.0)
waves = PlaneWaves(3.0, (0.0,), duration=4.0, every=8, norm=65, points=48)
triangular = lattice("triangular")


def leaves(result):
    if isinstance(result, (list, tuple)):
        return [x for part in result for x in leaves(part)]
    return np.ravel(np.asarray(result, dtype=float)).tolist()


found = {
    "dot.spectrum": [level.energy for level in spectrum(QuantumDot(9.5, 0.02, 11), 4, 6)],
    "wigner.elasticity_matrix": elasticity_matrix(cluster, interaction=Keldysh(0.4)),
    "wigner.normal_modes": normal_modes(cluster).frequencies[1:],
    "wigner.relax": relax(stored_cluster(37) * 1.01, interaction=Keldysh(0.4)).energy,
    "wigner.find_minima": find_minima(7, rng=np.random.default_rng(1), starts=3)[0].energy,
    "wigner.spin_levels": spin_levels(couplings, 5, 6),
    "optics.solve_dipoles": [light.extinction, light.scattering, *np.abs(light.moments).ravel()],
    "optics.scatter": scatter(0.3, 0.2, 0.3 * np.eye(2), 2 * np.pi, 0.1).reflectance([0.6, 0.8j]),
    "spinorbit.bands": bands(random_model(np.random.default_rng(1), "D3h"), np.array([0.3, 0.7])),
    "lattice.dense_energies": dense_energies([8.0, 9.0], [0.2, 0.4], 4),
    "lattice.long_range_matrix": np.real(long_range_matrix([[0.3, 0.5]], triangular, 1)),
    "exciton.run_ensemble": leaves(run_ensemble(packets, [1, 2], n_jobs=count)),
    "exciton.run_backscattering": leaves(run_backscattering(waves, [1, 2], n_jobs=count)),
    "sweep": sweep(divmod, [(7, 2), (9, 4), (11, 5)], n_jobs=count),
}
print(json.dumps({name: leaves(value) for name, value in found.items()}))
"""


def answers(count):
    threads = {name: str(count) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(count)], env=os.environ | threads, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_threads_and_processes_change_nothing_but_rounding():
    one, two = answers(1), answers(2)
    assert set(one) == set(two) and len(one) == 14
    for name, value in one.items():
        assert np.all(np.isfinite(value)) and np.any(np.abs(value) > 0), name
        scale = np.abs(value).max()
        assert two[name] == pytest.approx(value, rel=1e-8, abs=1e-10 * scale), name
