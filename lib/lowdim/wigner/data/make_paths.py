"""Make `paths.json`: exact over one-loop amplitudes by sampling paths, about twenty minutes on a core."""

from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from lowdim._provenance import provenance
from lowdim.stored import store
from lowdim.wigner.density import nearest_distances
from lowdim.wigner.landscapes import TrappedElectrons
from lowdim.wigner.loops import loop_correction
from lowdim.wigner.material import TMD
from lowdim.wigner.stored import stored_cluster
from lowdim.wigner.tunnelling import ring_exchange

HERE = Path(__file__).parent
SPACING = float(np.sqrt(2 / (np.sqrt(3) * 1e-3)))  # nm, at the critical density
STEPS, DURATION, MOVES, STRIDE = 30, 12.0, 6000, 0.6
# electrons, ring, whether all others are pinned
JOBS = [
    (7, (0, 1), True),
    (7, (1, 2), True),
    (7, (0, 1), False),
    (7, (0, 1, 2), False),
    (7, (0, 1, 2, 4), False),
    (12, (3, 4), False),
    (19, (1, 7), False),
    (19, (0, 1, 2), False),
]


def job(n, ring, pinned, seed):
    positions = stored_cluster(n)
    planck = np.sqrt(TMD.bohr_radius / (SPACING / nearest_distances(positions).mean()))
    mobile = ring if pinned else None
    found = ring_exchange(positions, ring, mobile=mobile, duration=DURATION, steps=STEPS)
    crystal = TrappedElectrons(positions, mobile)
    path = found.path[:, list(crystal.mobile)].reshape(len(found.path), -1)
    rng = np.random.default_rng(seed)
    loops = loop_correction(
        crystal, crystal.rest, path, planck, rng=rng, duration=DURATION, moves=MOVES, stride=STRIDE
    )
    return {
        "electrons": n,
        "ring": list(ring),
        "pinned": pinned,
        "ratio": round(loops.ratio, 4),
        "error": round(loops.error, 4),
        "acceptance": round(loops.acceptance, 2),
    }


def main():
    rows = Parallel(n_jobs=-1, verbose=10)(delayed(job)(*j, seed) for seed, j in enumerate(JOBS))
    record = provenance({"steps": 2 * STEPS, "duration": DURATION, "moves": MOVES, "stride": STRIDE})
    store(HERE / "paths.json", {"rings": rows}, record)


if __name__ == "__main__":
    main()
