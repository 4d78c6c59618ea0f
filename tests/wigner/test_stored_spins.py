"""Stored ground states of spin models against the solver."""

import numpy as np

from lowdim.wigner import (
    TMD,
    nearest_distances,
    ring_term,
    stored_cluster,
    stored_exchange,
    total_spin_levels,
    tunnelling_amplitude,
)


def test_stored_spins_are_what_the_solver_gives():
    """Ten electrons, rings up to four, from the stored actions."""
    rows = stored_exchange("spins")["levels"]
    row = next(r for r in rows if r["electrons"] == 10 and r["longest"] == 4 and r["sample"] == 0)
    spacing = np.sqrt(2 / (np.sqrt(3) * 1e-3))
    scale = spacing / nearest_distances(stored_cluster(10)).mean()
    planck, energy = float(np.sqrt(TMD.bohr_radius / scale)), 1e3 * float(TMD.trap_energy(scale))
    ring_terms = [
        ring_term(
            r["ring"],
            energy / planck * float(tunnelling_amplitude(r["action"], r["prefactor"], planck)),
        )
        for r in stored_exchange("rings")["clusters"]
        if r["electrons"] == 10 and len(r["ring"]) <= 4 and r.get("action", 0) > 0.3
    ]
    found = total_spin_levels(ring_terms, 10, 3)
    np.testing.assert_allclose(found.energies, row["energies"], rtol=1e-3)
    assert found.spins.tolist() == row["spins"]
