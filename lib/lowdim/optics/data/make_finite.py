"""Make `finite.json`: what finite arrays transmit; half an hour on a core. Lengths in wavelengths."""

from pathlib import Path

import numpy as np
from scipy.sparse.linalg import LinearOperator, bicgstab, gmres

from lowdim._provenance import provenance
from lowdim._sweep import sweep
from lowdim.optics.array import CIRCULAR
from lowdim.optics.beam import driving_polarization, gaussian_beam, paraxial_fields
from lowdim.optics.dipoles import polarizability, projected_green, solve_dipoles
from lowdim.optics.flux import dipole_fields, downward_flux, infinite_transmission, transmission
from lowdim.optics.patchbeam import beam_on_patch
from lowdim.optics.patches import PRIMITIVE, lattice_patch, parallelogram
from lowdim.optics.readout import (
    pin_sites,
    scan_transmission,
    turning_transmission,
    turning_transmission_infinite,
)
from lowdim.optics.regular import solve_regular
from lowdim.stored import load_stored, store

HERE = Path(__file__).parent
K, WAIST, SIDE = 2 * np.pi, 1.0, 40
TOLERANCE = 1e-8  # eight digits are stored
TILT = {"square": np.pi / 4, "triangular": np.pi / 3}
FOLD = {"square": 4, "triangular": 6}
SPACINGS = sorted([*np.arange(0.1, 0.605, 0.02).round(2).tolist(), 0.45])
OUTLINES = [("square", 0), ("square", 45), ("disc", 0), ("hexagon", 0), ("hexagon", 30), ("rectangle", 0)]
SMALL = {"square": 0.1, "triangular": 0.2}
SIDES = (20, 28, 40, 56, 80, 112)
PLANES = (-1.0, -2.0, -3.0, -4.0, -6.0)
IMPURITIES, REALISATIONS, DISORDER_SIDE = (0.02, 0.05, 0.1, 0.2, 0.3), 24, 28


def rounded(values):
    return np.round(values, 8).tolist()


def circle(steps, part=1):
    """Equidistant azimuths over a part of the circle."""
    return 2 * np.pi / part * np.arange(steps) / steps


def map_row(lattice, a):
    part, steps = {"square": (4, 12), "triangular": (2, 24)}[lattice]
    fold, theta = FOLD[lattice], TILT[lattice]
    cell, patch = a * PRIMITIVE[lattice], parallelogram(lattice, a, SIDE)
    finite = turning_transmission(patch, cell, K, WAIST, theta, circle(steps, part))
    infinite = turning_transmission_infinite(cell, K, WAIST, theta, circle(12, fold))
    row = {"lattice": lattice, "a": a, "finite": rounded(finite), "infinite": rounded(infinite)}
    if lattice == "triangular":
        disc = lattice_patch(lattice, a, SIDE**2, "disc", offset=(0.0, 0.0))
        row["disc"] = rounded(turning_transmission(disc, cell, K, WAIST, theta, circle(12, fold)))
    return row


def maps():
    """T(a, phi) of the parallelogram of 40 x 40 sites, and of the infinite lattice."""
    return sweep(map_row, ((lattice, a) for lattice in FOLD for a in SPACINGS), "maps")


def normal_row(a):
    cell, patch = a * PRIMITIVE["square"], parallelogram("square", a, SIDE)
    finite = turning_transmission(patch, cell, K, WAIST, 0.0, [0.0])[0]
    infinite = turning_transmission_infinite(cell, K, WAIST, 0.0, [0.0])[0]
    return {"a": a, "finite": rounded(finite), "infinite": rounded(infinite)}


def normal_incidence():
    """T(a) at theta = 0, square lattice."""
    spacings = np.arange(0.06, 1.005, 0.02).round(2).tolist()
    return sweep(normal_row, ((a,) for a in spacings), "normal incidence")


def outline_row(lattice, a, theta, outline, turn):
    patch = lattice_patch(lattice, a, SIDE**2, outline, turn=np.radians(turn))
    t = turning_transmission(patch, a * PRIMITIVE[lattice], K, WAIST, theta, circle(72))
    return {"lattice": lattice, "a": round(a, 8), "theta": round(np.degrees(theta)), "outline": outline,
            "turn": turn, "sites": len(patch), "T": rounded(t)}  # fmt: skip


def outlines():
    """T(phi) of the two small spacings for patches of one area and several outlines."""
    jobs = [(lattice, SMALL[lattice], TILT[lattice], *o) for lattice in SMALL for o in OUTLINES]
    alien = SMALL["square"] * (4 / 3) ** 0.25  # triangular lattice of the same density, in the square's place
    jobs += [("triangular", alien, TILT["square"], "square", 0)]
    return sweep(outline_row, jobs, "outlines")


def size_row(lattice, side):
    a, theta = SMALL[lattice], TILT[lattice]
    azimuths = np.pi / FOLD[lattice] * np.arange(2 if lattice == "square" else 4)
    cell = a * PRIMITIVE[lattice]
    values = scan_transmission(cell, (side, side), K, WAIST, [theta], azimuths, tolerance=TOLERANCE)[0, 0]
    return {"lattice": lattice, "side": side, "phi": rounded(np.degrees(azimuths)), "T": rounded(values)}


def sizes():
    """T at the azimuths of high symmetry against the size of the parallelogram."""
    return sweep(size_row, ((lattice, side) for lattice in SMALL for side in SIDES), "sizes")


def plane_transmission(light, incident, theta, phi, z):
    """T by eq. 5 through the plane z, and the flux of the incident field alone."""
    path = abs(z) / np.cos(theta)
    width = WAIST * np.hypot(1, path / (np.pi * WAIST**2))
    step, centre = 0.3, abs(z) * np.tan(theta)
    x = np.arange(-4.5 * width / np.cos(theta), 4.5 * width / np.cos(theta), step) + centre
    y = np.arange(-3.6 * width, 3.6 * width, step)
    along, across = np.meshgrid(x, y, indexing="ij")
    c, s = np.cos(phi), np.sin(phi)
    points = np.stack([along * c - across * s, along * s + across * c, np.full_like(along, z)], axis=-1)
    electric, magnetic = incident(points)
    alone = downward_flux(electric, magnetic, step**2)
    bright = np.abs(electric).max(axis=-1) > 2e-4 * np.abs(electric).max()
    scattered = dipole_fields(points[bright], light, K)
    crossed = downward_flux(electric[bright], scattered[1], step**2)
    crossed += downward_flux(scattered[0], magnetic[bright], step**2)
    return 1 + (crossed + 0.5 * float(light.scattering)) / alone, alone


def plane_rows(phi):
    lattice, a, theta = "square", 0.45, TILT["square"]
    patch = parallelogram(lattice, a, SIDE)
    vector = driving_polarization(theta, phi)
    beam = gaussian_beam(K, WAIST, theta, phi, vector, reach=np.hypot(*patch.T[:2]).max())
    beams = {"exact": (beam.fields, beam.power, PLANES[:2])}
    for c in (2.0, 1.0):
        beams[f"paraxial {c:g}"] = (
            lambda r, c=c, e=vector, p=phi: paraxial_fields(r, K, WAIST, theta, p, e, curvature=c),
            np.pi / 2 * WAIST**2,
            PLANES,
        )
    rows = []
    for name, (fields, power, heights) in beams.items():
        light = solve_dipoles(patch, polarizability(0.0, K), fields(patch)[0], K)
        closed = transmission(light, power)[0]
        found = [plane_transmission(light, fields, theta, phi, z) for z in heights]
        rows.append(
            {
                "phi": round(np.degrees(phi)), "beam": name, "closed": rounded(closed), "z": heights,
                "T": rounded([t for t, _ in found]), "alone": rounded([p / power for _, p in found]),
            }
        )  # fmt: skip
    return rows


def planes():
    """T by the plane integral against the height of the plane, for the exact and two paraxial beams."""
    return sum(sweep(plane_rows, ((0.0,), (np.pi / 4,)), "planes"), [])


def disorder_row(lattice, ratio, run):
    a = 0.45
    cell, theta = a * PRIMITIVE[lattice], TILT[lattice]
    patch, azimuths = parallelogram(lattice, a, DISORDER_SIDE), circle(2 * FOLD[lattice])
    moved, displaced = patch, None
    if ratio:
        rng = np.random.default_rng([run, round(100 * ratio)])
        moved, displaced = pin_sites(patch, round(ratio * len(patch)), a, rng)
    return rounded(turning_transmission(moved, cell, K, WAIST, theta, azimuths, displaced=displaced))


def disorder():
    """T(phi) of arrays with electrons pinned by impurities."""
    samples = [(0.0, 1)] + [(ratio, REALISATIONS) for ratio in IMPURITIES]
    jobs = [(lattice, ratio, run) for lattice in TILT for ratio, runs in samples for run in range(runs)]
    found = sweep(disorder_row, jobs, "disorder")
    rows = {}
    for (lattice, ratio, _), values in zip(jobs, found, strict=True):
        rows.setdefault((lattice, ratio), []).append(values)
    return [{"lattice": lattice, "ratio": ratio, "T": values} for (lattice, ratio), values in rows.items()]


def antiferromagnet_row(a):
    i, j = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    up, down = polarizability(0.0, K), polarizability(0.0, K, dipole=CIRCULAR.conj())
    neel = np.where(((i + j) % 2 == 0)[..., None, None], up, down)
    cell, patch = a * PRIMITIVE["square"], parallelogram("square", a, SIDE)
    field, power = beam_on_patch(cell, (SIDE, SIDE), K, WAIST, 0.0, 0.0, driving_polarization(0.0, 0.0))
    row = {"a": a}
    for name, alpha in (("polarised", up), ("neel", neel)):
        row[name] = rounded(transmission(solve_regular(cell, alpha, field, K, tolerance=TOLERANCE), power)[0])
    for name, keep in (("sqrt2", (i + j) % 2 == 0), ("two", (i % 2 == 0) & (j % 2 == 0))):
        light = solve_dipoles(patch[keep.ravel()], up, field[keep], K)
        row[name] = rounded(transmission(light, power)[0])
    return row


def antiferromagnet():
    """T(a) at normal incidence: all spins up, Neel order, and lattices of constant sqrt(2) a and 2 a."""
    spacings = np.arange(0.14, 0.465, 0.02).round(2).tolist()
    return sweep(antiferromagnet_row, ((a,) for a in spacings), "antiferromagnet")


def iteration_rows(lattice, a):
    rows, theta = [], TILT[lattice]
    patch, cell = parallelogram(lattice, a, SIDE), a * PRIMITIVE[lattice]
    beam = gaussian_beam(
        K, WAIST, theta, 0.0, driving_polarization(theta, 0.0), reach=np.hypot(*patch.T[:2]).max()
    )
    field, alpha = beam.on_lattice(patch, cell), polarizability(0.0, K)
    exact = solve_dipoles(patch, alpha, field, K).moments @ CIRCULAR.conj()
    green = K**2 * projected_green(patch, K, CIRCULAR[:, None])[:, 0, :, 0]
    strength = CIRCULAR.conj() @ alpha @ CIRCULAR
    drive = field @ CIRCULAR.conj()
    matrix = LinearOperator(green.shape, lambda x, g=green, s=strength: x - s * (g @ x), dtype=complex)
    radiative = (green - green.conj().T) / 2j + K**3 / (6 * np.pi) * np.eye(len(green))
    for name, method, options in (
        ("GMRES", gmres, {"restart": 1600, "maxiter": 1}),
        ("BiCGSTAB", bicgstab, {"maxiter": 20000}),
    ):
        steps = []
        keywords = {"callback_type": "pr_norm"} if method is gmres else {}
        fields, failed = method(
            matrix, drive, rtol=1e-5, callback=lambda _, s=steps: s.append(1), **keywords, **options
        )
        moments = strength * fields
        extinction = np.vdot(drive, moments).imag
        closure = abs(extinction - np.vdot(moments, radiative @ moments).real) / extinction
        residual = np.linalg.norm(matrix @ fields - drive) / np.linalg.norm(drive)
        error = np.linalg.norm(moments - exact) / np.linalg.norm(exact)
        rows.append(
            {
                "lattice": lattice,
                "a": a,
                "method": name,
                "stopped": not failed,
                "steps": len(steps),
                "residual": float(f"{residual:.2e}"),
                "error": float(f"{error:.2e}"),
                "closure": float(f"{closure:.2e}"),
            }
        )
    return rows


def iterations():
    """GMRES and BiCGSTAB, both with the relative residual 1e-5, against LU decomposition."""
    jobs = (("square", 0.1), ("square", 0.2), ("square", 0.45), ("triangular", 0.2))
    return sum(sweep(iteration_rows, jobs, "iterations"), [])


DIPOLES = {
    "(1, i, 0)": [CIRCULAR],
    "(1, -i, 0)": [CIRCULAR.conj()],
    "any in the plane": [CIRCULAR, CIRCULAR.conj()],
}


def variant_row(name):
    theta, a = TILT["square"], 0.45
    cell, dipoles = a * PRIMITIVE["square"], DIPOLES[name]
    finite, infinite = [], []
    alpha = sum(polarizability(0.0, K, dipole=d) for d in dipoles)
    for phi in (0.0, np.pi / 4):
        vector = driving_polarization(theta, phi)
        field, power = beam_on_patch(cell, (SIDE, SIDE), K, WAIST, theta, phi, vector)
        finite.append(transmission(solve_regular(cell, alpha, field, K, tolerance=TOLERANCE), power)[0])
        beam = gaussian_beam(K, WAIST, theta, phi, vector, reach=SIDE * a)
        infinite.append(infinite_transmission(beam, cell, 0.0, dipoles=np.array(dipoles))[0])
    return {"dipole": name, "finite": rounded(finite), "infinite": rounded(infinite)}


def variants():
    """T at the azimuths of largest and smallest T for other transition dipoles; finite and infinite array."""
    return sweep(variant_row, ((name,) for name in DIPOLES), "variants")


PARTS = (planes, outlines, antiferromagnet, variants, iterations, disorder, sizes, normal_incidence, maps)


def main(parts=PARTS):
    record = provenance(
        {
            "wavelength": 1,
            "waist": WAIST,
            "detuning": 0,
            "sites": f"{SIDE} x {SIDE}; disorder {DISORDER_SIDE} x {DISORDER_SIDE}",
            "tilt_degrees": {name: round(np.degrees(t)) for name, t in TILT.items()},
            "realisations": REALISATIONS,
            "seeds": "[realisation, 100 n_imp/n]",
        }
    )
    target = HERE / "finite.json"
    content = load_stored("optics", target.name) if target.exists() else {}
    for part in parts:
        content[part.__name__] = part()
        store(target, {name: rows for name, rows in content.items() if name != "provenance"}, record)


if __name__ == "__main__":
    main()
