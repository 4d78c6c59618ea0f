"""Make `rings.json`: actions and prefactors of ring exchanges, about an hour on a core.

Every ring of up to six (in some four) neighbours in stored clusters, all electrons free; the same in
a sheet with Keldysh's interaction; and in the infinite crystal, in supercells of 36 and 64 electrons.
An exchange without a path of its own (one that falls into two others) is stored with its reason. What is
stored already is kept: remove the file to begin anew. Of a pair both ways round are stored.
"""

import json
from pathlib import Path

import numpy as np

from lowdim._provenance import provenance
from lowdim._sweep import sweep
from lowdim.errors import NotConverged
from lowdim.stored import store
from lowdim.wigner.clusters import relax
from lowdim.wigner.density import nearest_distances
from lowdim.wigner.material import TMD
from lowdim.wigner.potentials import Keldysh, Tabulated
from lowdim.wigner.stored import stored_cluster
from lowdim.wigner.tunnelling import crystal_exchange, exchange_rings, ring_exchange

HERE = Path(__file__).parent
DENSITY = 1e-3
SCREENING = 5.0  # nm
# electrons: longest rings
CLUSTERS = {7: 6, 10: 6, 12: 6, 13: 6, 16: 6, 19: 6, 20: 6, 37: 6, 50: 6}
CRYSTAL = {
    "2": [(0, 0), (1, 0)],
    "3": [(0, 0), (1, 0), (0, 1)],
    "4": [(0, 0), (1, 0), (1, 1), (0, 1)],
    "5": [(0, 0), (1, 0), (2, 0), (1, 1), (0, 1)],
    "6 around": [(1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1)],
    "6 parallelogram": [(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1)],
}
SIZES = {6: tuple(CRYSTAL), 8: ("2", "3", "4")}


def entry(function, *args, **kwargs):
    """What is stored of an exchange."""
    try:
        found = function(*args, **kwargs)
    except NotConverged as error:
        return {"failed": str(error).split(": ", 1)[1]}
    return {
        "action": round(found.action, 7),
        "prefactor": float(f"{found.prefactor:.6g}"),
        "errors": [float(f"{found.action_error:.1e}"), float(f"{found.prefactor_error:.1e}")],
        "barrier": round(found.barrier, 5),
    }


def job(positions, kind, ring, sense, interaction):
    row = {"electrons": len(positions), "kind": str(kind), "ring": list(ring)}
    if kind == 2:
        row["sense"] = sense
    return row | entry(ring_exchange, positions, ring, sense=sense, interaction=interaction)


def jobs_of(positions, interaction=None, longest=6):
    for kind, rings in exchange_rings(positions, longest=longest).items():
        for ring in rings:
            for sense in (1, -1) if kind == 2 else (1,):
                yield positions, kind, ring, sense, interaction


def crystal_job(name, size):
    row = {"kind": name, "size": size}
    return row | entry(crystal_exchange, CRYSTAL[name], size=size, duration=10.0, steps=50)


def in_sheet(n):
    """The cluster of n electrons at rest with Keldysh's interaction, at the critical density."""
    positions = stored_cluster(n)
    length = np.sqrt(2 / (np.sqrt(3) * DENSITY)) / nearest_distances(positions).mean()
    interaction = Keldysh(SCREENING / length)
    positions = relax(positions, interaction=interaction, tolerance=1e-10).positions
    return positions, Tabulated(interaction, (0.1, 9.0))


def main():
    parts = {"clusters": [], "keldysh": [], "crystal": []}
    if (HERE / "rings.json").exists():
        parts |= {k: v for k, v in json.loads((HERE / "rings.json").read_text()).items() if k != "provenance"}
    if not parts["keldysh"]:
        sheet, interaction = in_sheet(20)
        parts["keldysh"] = sweep(job, jobs_of(sheet, interaction, longest=2), "Keldysh, N = 20")
        write(parts)
    if not parts["crystal"]:
        names = [(name, size) for size, which in SIZES.items() for name in which]
        parts["crystal"] = sweep(crystal_job, names, "crystal")
        write(parts)
    # the short rings of all first: the largest clusters take longest
    for most in (4, 6):
        for n, longest in CLUSTERS.items():
            known = {(r["electrons"], tuple(r["ring"]), r.get("sense", 1)) for r in parts["clusters"]}
            jobs = [
                one
                for one in jobs_of(stored_cluster(n), longest=min(longest, most))
                if (n, tuple(one[2]), one[3]) not in known
            ]
            for k in range(0, len(jobs), 40):
                name = f"N = {n}, rings up to {most}, {k} of {len(jobs)}"
                parts["clusters"] += sweep(job, jobs[k : k + 40], name)
                write(parts)


def write(parts):
    """Write what there is, in a fixed order."""
    parts["clusters"].sort(key=lambda r: (r["electrons"], r["kind"], r["ring"]))
    record = provenance(
        {
            "density_per_nm2": DENSITY,
            "screening_nm": SCREENING,
            "permittivity": round(TMD.permittivity, 6),
            "units": "lengths l, energies kappa/l; the crystal: its spacing",
        }
    )
    store(HERE / "rings.json", parts, record)


if __name__ == "__main__":
    main()
