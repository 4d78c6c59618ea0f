"""What is computed: every run of the two codes with all its inputs, in the order of its use.

A piece is one run of one code. `edges` pieces give the four bands around the gap from Gamma to K and around
K; together they are the convergence study, in which one setting at a time is changed from a small reference
(k points 6 by 6, 8 angstrom of vacuum), beside the strained layers and those of another functional.
"""

from dataclasses import dataclass

from lowdim.spinorbit.data import elk

POINTS = 86  # along M-Gamma-K-M
IMAGES = ((0.11, 0.07), (0.23, 0.11), (0.31, 0.17))  # of no symmetry
WEDGE = 48  # divisions of a reciprocal vector for the maps
# in reciprocal lattice vectors, 60 degrees apart
PATH = ((0.5, 0.0), (0.0, 0.0), (1 / 3, 1 / 3), (0.5, 0.0))
LINES = {
    "Gamma-K": (((0.0, 0.0), (1 / 3, 1 / 3)), 25),
    "K": (((1 / 3 - 0.024,) * 2, (1 / 3 + 0.024,) * 2), 17),
}
BELOW, ABOVE = 14, 10  # spin-orbit bands stored on either side of the gap
# lattice constant and metal-chalcogen layer separation of Table I in angstrom, metal, chalcogen
LAYERS = {
    "WSe2": (3.310, 1.685, "W", "Se"),
    "MoS2": (3.193, 1.567, "Mo", "S"),
    "WS2": (3.197, 1.575, "W", "S"),
    "MoSe2": (3.313, 1.673, "Mo", "Se"),
}
# a, c in angstrom and positional parameter z of the bulk; the layers X and M are z c apart
BULK = {
    "WSe2": (3.280, 12.950, 0.130),
    "MoS2": (3.160, 12.295, 0.127),
    "WS2": (3.153, 12.323, 0.128),
    "MoSe2": (3.288, 12.900, 0.130),
}
STRAINS = (0.99, 0.997, 1.004, 1.011)  # of the printed lattice constant, for the energies of a relaxed layer
# strains of the paper's structure in percent; d follows a as in the relaxed layers (0.67 to 0.72)
STRAINED = (-2.0, -1.0, 1.0, 2.0)
POISSON = -0.69  # d ln d / d ln a
SMALL = {"mesh": 6, "vacuum": 8.0}
ASTRAY = ("MoSe2", "WS2")  # Broyden's mixing leads the density of their atoms to no physical state
# local orbitals at a second energy, so that it matters little where the bands lie by the first one
MORE = {"locals": "more", "vacuum": 12.0}
# the settings that are changed from SMALL
ELK = {
    "small": {},
    "vacuum 12": {"vacuum": 12.0},
    "more": MORE,
    "more basis 8": {**MORE, "rgkmax": 8.0, "larger": (9.0, 10.0)},
    "more moved": {**MORE, "linearisation": -0.07},
    # from the atoms, the larger basis ends in no physical state (MoSe2) or in none (MoS2)
    "more vacuum 20": {**MORE, "rgkmax": 8.0, "vacuum": 20.0, "first rgkmax": 7.0},
    # with the plane waves of "more basis 8"
    "more radius 2.0": {**MORE, "radius": 2.0, "rgkmax": 8.0 / 2.1 * 2.0},
    "angular momenta 10": {"lmax_waves": 10},
    "density 8, 18": {"lmax_density": 8, "gmax": 18.0},
    "empty 20": {"empty": 20},
    "locals fixed": {"locals": "fixed"},
    "more coupled": {**MORE, "coupled density": True},
    "mesh 9": {"mesh": 9},
    "mesh 12": {"mesh": 12},
    "vacuum 20": {"vacuum": 20.0},
    "LDA": {"functional": "LDA"},
    # those of the paper, with waves that are good where the bands are and all functions near the nuclei
    "paper": {
        **MORE,
        "vacuum": 30.0,
        "mesh": 16,
        "first mesh": 6,
        "lmax_waves": 10,
        "lmax_inner": 3,
        "mixing": "Broyden",
    },
}
PAW = {
    "small": {},
    "cutoff 600": {"cutoff": 600},
    "mesh 9": {"mesh": 9},
    "vacuum 12": {"vacuum": 12.0},
    "LDA": {"functional": "LDA"},
    "cutoff 800": {"cutoff": 800},
    "mesh 12": {"mesh": 12},
    "vacuum 20": {"vacuum": 20.0},
    "mesh 18": {"mesh": 18},
    "vacuum 30": {"vacuum": 30.0},
}
FINER = {"mesh": 9, "vacuum": 20.0, "cutoff": 600}  # for the strained layers
META = "MGGA_X_R2SCAN+MGGA_C_R2SCAN"  # r2SCAN


@dataclass(frozen=True)
class Piece:
    """One run: where it is stored, under which key, made by which code with which inputs."""

    kind: str
    key: str
    code: str
    job: dict


def structure(material, strain=0.0):
    a, d, metal, chalcogen = LAYERS[material]
    if strain:
        a, d = round(a * (1 + strain / 100), 5), round(d * (1 + POISSON * strain / 100), 5)
    return {"material": material, "a": a, "d": d, "metal": metal, "chalcogen": chalcogen}


def elk_edges(material, name):
    job = {**structure(material), **elk.SETTINGS, **SMALL, **ELK[name], "kind": "edges", "lines": LINES}
    if material == "MoSe2":  # its first density has a ghost band, which it does not lose in a thinner cell
        job["vacuum"] = max(job["vacuum"], 10.0)
    if material in ASTRAY:
        job.pop("mixing", None)
    return Piece("elk-edges", f"{material} {name}", "elk", job)


def paw_edges(material, name, change, strain=0.0):
    job = {
        **structure(material, strain), "kind": "edges", "functional": "PBE", "cutoff": 400, **SMALL,
        "bands": (24, 36, 60), "lines": LINES, **change,
    }  # fmt: skip
    return Piece("paw-edges", f"{material} {name}", "gpaw", job)


def paw_piece(kind, material):
    """The other runs of GPAW: bands along the path and over the zone, of the bulk, relaxed structures."""
    job = {**structure(material), "kind": kind, "functional": "PBE", "cutoff": 400, "mesh": 9}
    bands = {"path": PATH, "below": BELOW, "above": ABOVE}
    a, c, z = BULK[material]
    crystal = {"a": a, "c": c, "d": z * c, "mesh": 6, "mesh_z": 2}
    lattice = [round(LAYERS[material][0] * strain, 5) for strain in STRAINS]
    job |= {
        "layer": {
            **bands, "vacuum": 12.0, "points": POINTS, "wedge": WEDGE,
        },
        # valence and conduction bands of the bulk come in pairs, one for each layer of the cell
        "bulk": {**crystal, "path": PATH[1:3], "points": 25, "below": 8, "above": 8},
        "normal": {
            "vacuum": 30.0, "mesh": 6, "path": (*PATH[:3], (1 / 6, 1 / 6)), "below": 4, "above": 4,
        },
        "relaxed-layer": {"kind": "relax", "vacuum": 12.0, "cutoff": 500, "lattice": lattice},
        "relaxed-bulk": {**crystal, "kind": "relax", "cutoff": 500, "lattice": [a]},
        "images": {**SMALL, "points": IMAGES},
        "projections": {**SMALL, "bands": 60},
        # the fourth point is where the splitting of WSe2 is most negative
        "shells": {**SMALL, "bands": 60, "line": tuple(x / 72 for x in range(25)), "whole": 4},
    }[kind]  # fmt: skip
    return Piece(kind, material, "gpaw", job)


# at Gamma, close to the second minimum and at K, in b1 + b2 (with vectors 120 degrees apart in 2 b1 + b2)
POINTS_OF_STATES = (0.0, 13 / 72, 1 / 3)


def coupling(material):
    """Levels at these points by basis, by what is kept near the nuclei, and by states, at one density."""
    base = elk_edges(material, "small").job
    job = {name: value for name, value in base.items() if name != "lines"} | {
        "kind": "coupling", "locals": "more", "path": tuple((x, x) for x in POINTS_OF_STATES),
        # basis, angular momenta near the nuclei, empty states per atom
        "choices": [(7.0, 1, 8), (9.0, 1, 8), (9.0, 2, 8), (9.0, 3, 8), (9.0, 3, 100), (9.0, 3, 250)],
    }  # fmt: skip
    return Piece("coupling", material, "elk", job)


# projectors of data sets with smaller radii than those of the package and the same valence states
OWN = {"Mo": "4s,5s,4p,5p,4d,0.8d,F", "W": "5s,6s,5p,6p,5d,0.8d,F"}
STATES = {
    "small": SMALL,
    "reference": {"mesh": 9, "vacuum": 12.0},
    "own data set": {**SMALL, "own": 2.2},
    "own data set 2.0": {**SMALL, "own": 2.0},
    "own data set 600": {**SMALL, "own": 2.2, "cutoff": 600},
}


def paw_states(material, name):
    """Coupling among more and more of all states that the plane waves have."""
    change = dict(STATES[name])
    radius = change.pop("own", None)
    job = {
        **structure(material), "kind": "states", "functional": "PBE", "cutoff": 400,
        "line": POINTS_OF_STATES, "states": (24, 30, 36, 60, 120, 240, 480, 960), **change,
    }  # fmt: skip
    if radius:
        job["data sets"] = {job["metal"]: (OWN[job["metal"]], radius)}
    return Piece("states", f"{material} {name}", "gpaw", job)


# tungsten with its 4f electrons in the frozen core and with the others; GPAW has no coupling for f waves
INNER = {
    "4f in the core": "5s,6s,5p,6p,5d,0.8d,0.0f,G",
    "4f outside": "5s,6s,5p,6p,5d,0.8d,4f,0.0f,G",
}


def inner_shells(material, name):
    """Levels without coupling by where the 4f shell of tungsten is counted."""
    job = {
        **structure(material), **SMALL, "kind": "levels", "functional": "PBE", "cutoff": 600,
        "line": POINTS_OF_STATES, "data sets": {"W": (INNER[name], 2.2)},
    }  # fmt: skip
    return Piece("inner-shells", f"{material} {name}", "gpaw", job)


def elk_layer(material):
    job = {
        **structure(material), **elk.SETTINGS, "kind": "layer", "path": PATH, "points": POINTS,
        "below": BELOW, "above": ABOVE,
    }  # fmt: skip
    return Piece("elk", material, "elk", job)


BULK_STRAINS = (-0.4, 0.5, 1.4)  # percent of the measured lattice constant
BULK_HEIGHTS = (0.0, -4.0, 4.0, 12.0)  # percent of the measured height of the cell


def crystals(material):
    """Energy of the bulk and of the layer at the same lattice constants, separations and settings.

    The separation follows the lattice constant as in the relaxed layers: its small difference between bulk
    and layer changes the energy in second order.
    """
    a, c, _ = BULK[material]
    lattice = [round(a * (1 + x / 100), 5) for x in BULK_STRAINS]
    layer_a, layer_d = LAYERS[material][:2]
    separations = [round(layer_d * (1 + POISSON * (x / layer_a - 1)), 5) for x in lattice]
    job = {
        **structure(material), "kind": "energies", "functional": "PBE", "cutoff": 400, "mesh": 6,
        "lattice": lattice, "separations": separations,
    }  # fmt: skip
    heights = [round(c * (1 + height / 100), 5) for height in BULK_HEIGHTS]
    finer = {"cutoff": 500, "mesh": 9}
    found = []
    for name, change, mesh_z in (("", {}, 2), *([(" finer", finer, 3)] if material == "MoS2" else [])):
        layer = {**job, **change, "vacuum": 12.0}
        found.append(Piece("crystals", f"{material} layer{name}", "gpaw", layer))
        for height, c in zip(BULK_HEIGHTS, heights, strict=True):
            bulk = {**job, **change, "mesh_z": mesh_z, "c": c}
            found.append(Piece("crystals", f"{material} bulk {height:+g}{name}", "gpaw", bulk))
    # the dispersion between periodic images of the layer falls slowly
    wide = {**job, "kind": "dispersion", "vacuum": 60.0, "heights": heights}
    found.append(Piece("dispersion", material, "dftd3", wide))
    return found


def plan():
    """All pieces, the most useful first."""
    materials = ("MoS2", "WSe2", "MoSe2", "WS2")
    lapw = {name: [elk_edges(m, name) for m in materials] for name in ELK}
    paw = {name: [paw_edges(m, name, change) for m in materials] for name, change in PAW.items()}
    meta = [paw_edges("MoS2", "meta-GGA", {"functional": META})]
    denser = {"mesh": 9, "vacuum": 12.0}
    strained = [paw_edges(m, f"strain {x:+g}", denser, x) for x in STRAINED for m in materials]
    finer = [paw_edges(m, f"strain {x:+g} finer", FINER, x) for x in (-1.0, 1.0) for m in ("MoS2", "WSe2")]
    others = ("bulk", "normal", "relaxed-layer", "relaxed-bulk")
    groups = [
        [paw_piece(kind, m) for kind in ("projections", "shells", "layer") for m in materials],
        lapw.pop("paper"), finer, *map(crystals, materials), map(coupling, materials),
        [paw_piece("images", "WSe2")], *paw.values(), strained, meta,
        *([paw_states(m, name) for m in materials] for name in STATES),
        [inner_shells(m, name) for m in ("WS2", "WSe2") for name in INNER],
        *lapw.values(), map(elk_layer, materials), [paw_piece(kind, m) for kind in others for m in materials],
    ]  # fmt: skip
    return list({(piece.kind, piece.key): piece for group in groups for piece in group}.values())
