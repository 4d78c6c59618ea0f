"""Make `spins.json`: total spin of the ground state of clusters, with errors, a quarter of an hour on a core.

The rings of `rings.json` at the critical density, up to a length, are diagonalised with their quartic and
higher terms, where "shells" says so together with the rotation of the shells that slip. Sample 0 has the
amplitudes to one loop; the others have errors of `ERROR`, one for each ring, one common to all of a length.
What is stored already is kept: remove the file to begin anew.
"""

import json
import sys
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from lowdim._provenance import provenance
from lowdim.errors import NotConverged
from lowdim.stored import store
from lowdim.wigner.density import nearest_distances
from lowdim.wigner.instantons import tunnelling_amplitude
from lowdim.wigner.material import TMD
from lowdim.wigner.multispin import ring_term, total_spin_levels
from lowdim.wigner.rotors import rotor_terms, shell_order
from lowdim.wigner.stored import stored_cluster, stored_exchange

HERE = Path(__file__).parent
DENSITY = 1e-3  # nm^-2
ERROR = 0.2
LEVELS = 3
# a path without action is a shell that turns
LEAST_ACTION = 0.3
# clusters whose shells slip: electrons of the shells, from inside
SHELLS = {10: (range(2), range(2, 10)), 13: (range(4), range(4, 13)), 20: (range(1, 8), range(8, 20))}
# electrons: samples; longest rings, with shells or without
SAMPLES = {20: 3, 19: 3, 7: 8, 10: 8, 12: 8, 13: 8, 16: 8}
CASES = ((4, False), (2, False), (3, False), (6, False), (4, True))


def units(n):
    """Planck's constant, and hbar omega in micro-eV."""
    scale = np.sqrt(2 / (np.sqrt(3) * DENSITY)) / nearest_distances(stored_cluster(n)).mean()
    return float(np.sqrt(TMD.bohr_radius / scale)), 1e3 * float(TMD.trap_energy(scale))


def amplitudes(n):
    """J of the rings in micro-eV, of pairs both ways."""
    planck, energy = units(n)
    found = {}
    for row in stored_exchange("rings")["clusters"]:
        if row["electrons"] == n and row.get("action", 0) > LEAST_ACTION:
            value = energy / planck * float(tunnelling_amplitude(row["action"], row["prefactor"], planck))
            found[tuple(row["ring"])] = found.get(tuple(row["ring"]), 0.0) + value
    return found


def moved(found, sample):
    """The amplitudes with errors; sample 0 as they are."""
    if sample == 0:
        return found
    rng = np.random.default_rng(sample)
    common = np.exp(ERROR * rng.standard_normal(7))
    own = np.exp(ERROR * rng.standard_normal(len(found)))
    return {r: j * common[len(r)] * f for (r, j), f in zip(found.items(), own, strict=True)}


def hamiltonian(n, longest, shells, sample):
    """Its terms, energies in micro-eV."""
    found = {r: j for r, j in amplitudes(n).items() if len(r) <= longest}
    terms = [ring_term(r, j) for r, j in moved(found, sample).items()]
    if shells:
        planck, energy = units(n)
        for shell in SHELLS[n]:
            inertia = np.sum(stored_cluster(n)[list(shell)] ** 2)
            order = shell_order(stored_cluster(n), shell)
            terms += rotor_terms(order, energy * planck / (2 * inertia))
    return terms


def entry(n, longest, shells, sample):
    row = {"electrons": n, "longest": longest, "shells": shells, "sample": sample}
    terms = hamiltonian(n, longest, shells, sample)
    # the last of the levels may be a part of several of one energy
    for more in (0, 1, 3):
        try:
            found = total_spin_levels(terms, n, LEVELS + more, tolerance=1e-5)
        except NotConverged as error:
            failed = str(error).split(": ", 1)[1]
            continue
        energies, spins = found.energies[:LEVELS], found.spins[:LEVELS]
        return row | {"energies": energies.round(5).tolist(), "spins": spins.tolist()}
    return row | {"failed": failed}


def main():
    path = HERE / "spins.json"
    rows = json.loads(path.read_text())["levels"] if path.exists() else []
    rows = [row for row in rows if "failed" not in row]
    known = {tuple(r[k] for k in ("electrons", "longest", "shells", "sample")) for r in rows}
    long = {r["electrons"] for r in stored_exchange("rings")["clusters"] if r["kind"] == "6"}
    todo = []
    for longest, shells in CASES:
        for n, samples in SAMPLES.items():
            if (shells and n not in SHELLS) or (longest > 4 and n not in long):
                continue
            # half a minute each for the largest
            most = samples if n < 17 or (longest, shells) == (4, False) else 0 if shells else min(samples, 2)
            for sample in range(most + 1 if longest > 3 else 1):
                key = (n, longest, shells, sample)
                if key not in known:
                    todo.append(key)
    found = Parallel(n_jobs=-1, return_as="generator")(delayed(entry)(*key) for key in todo)
    for new in tqdm(found, "levels", len(todo), file=sys.stdout):
        rows.append(new)
        write(path, rows)


def write(path, rows):
    record = provenance({"density_per_nm2": DENSITY, "error": ERROR, "units": "micro-eV"})
    store(path, {"levels": rows}, record)


if __name__ == "__main__":
    main()
