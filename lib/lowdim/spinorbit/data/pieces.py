"""What is computed: every run of the two codes with all its inputs, in the order of its use.

A piece is one run of one code. `edges` pieces give the four bands around the gap from Gamma to K and around
K; together they are the convergence study, in which one setting at a time is changed from a small reference
(k points 6 by 6, 8 angstrom of vacuum), beside the paper's own settings and the strained and
other-functional layers.
"""

from dataclasses import dataclass

from lowdim.spinorbit.data import elk

POINTS = 86  # along M-Gamma-K-M
IMAGES = ((0.11, 0.07), (0.23, 0.11), (0.31, 0.17))  # of no symmetry
WEDGE = 24  # divisions of a reciprocal vector for the map of WSe2
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
# local orbitals at a second energy, so that it matters little where the bands lie by the first one
MORE = {"locals": "more", "vacuum": 12.0}
PAPER = {"mesh": 16, "vacuum": 30.0, "rgkmax": 7.0, "lmax_waves": 10}
# one setting changed from SMALL, and the minutes on one core for MoS2
ELK = {
    "small": ({}, 0.6),
    "basis 8": ({"rgkmax": 8.0}, 1.5),
    "angular momenta 10": ({"lmax_waves": 10}, 0.8),
    "empty 20": ({"empty": 20}, 0.8),
    "mesh 9": ({"mesh": 9}, 1.0),
    "vacuum 12": ({"vacuum": 12.0}, 1.5),
    "basis 9": ({"rgkmax": 9.0}, 4.0),
    "locals fixed": ({"locals": "fixed"}, 0.6),
    "locals more": ({"locals": "more"}, 0.8),
    "radius 2.0": ({"radius": 2.0, "rgkmax": 8.0 / 2.1 * 2.0}, 1.5),
    "more": (MORE, 1.3),
    "more moved": ({**MORE, "linearisation": -0.07}, 1.3),
    "more basis 8": ({**MORE, "rgkmax": 8.0, "larger": (9.0, 10.0)}, 6.0),
    "coupled density": ({"coupled density": True}, 4.0),
    "mesh 16": ({"mesh": 16}, 2.5),
    "density 8, 18": ({"lmax_density": 8, "gmax": 18.0}, 1.0),
    "empty 40": ({"empty": 40}, 1.5),
    "LDA": ({"functional": "LDA"}, 0.6),
    "vacuum 20": ({"vacuum": 20.0}, 5.0),
    "mesh 12": ({"mesh": 12}, 1.5),
    "converged": ({"mesh": 12, "vacuum": 12.0, "rgkmax": 8.5, "lmax_waves": 10, "empty": 20}, 25.0),
    "paper": (PAPER, 45.0),
    "vacuum 30": ({"vacuum": 30.0}, 20.0),
    "basis 10": ({"rgkmax": 10.0}, 12.0),
    "reference 8": ({"mesh": 9, "vacuum": 12.0, "rgkmax": 8.0}, 8.0),
    "reference 9": ({"mesh": 9, "vacuum": 12.0, "rgkmax": 9.0}, 25.0),
}
PAW_BANDS = {"MoS2": (24, 36, 60), "MoSe2": (24, 36, 60), "WS2": (24, 36, 60), "WSe2": (24, 36, 60)}
PAW = {
    "small": ({}, 0.8),
    "cutoff 600": ({"cutoff": 600}, 1.2),
    "mesh 9": ({"mesh": 9}, 1.0),
    "vacuum 12": ({"vacuum": 12.0}, 1.0),
    "LDA": ({"functional": "LDA"}, 0.8),
    "cutoff 800": ({"cutoff": 800}, 2.0),
    "mesh 12": ({"mesh": 12}, 1.3),
    "vacuum 20": ({"vacuum": 20.0}, 1.6),
    "bands 120": ({"bands": (24, 60, 120)}, 2.5),
    "mesh 18": ({"mesh": 18}, 2.5),
    "vacuum 30": ({"vacuum": 30.0}, 2.5),
}
META = "MGGA_X_R2SCAN+MGGA_C_R2SCAN"  # r2SCAN


@dataclass(frozen=True)
class Piece:
    """One run: where it is stored, under which key, with which inputs, and the minutes it takes."""

    kind: str
    key: str
    code: str
    job: dict
    minutes: float


def structure(material, strain=0.0):
    a, d, metal, chalcogen = LAYERS[material]
    if strain:
        a, d = round(a * (1 + strain / 100), 5), round(d * (1 + POISSON * strain / 100), 5)
    return {"material": material, "a": a, "d": d, "metal": metal, "chalcogen": chalcogen}


def elk_edges(material, name):
    change, minutes = ELK[name]
    # with 8 angstrom of vacuum the first density of MoSe2 has a ghost band that it does not lose
    cell = {**SMALL, "vacuum": 10.0} if material == "MoSe2" else SMALL
    job = {**structure(material), **elk.SETTINGS, **cell, **change, "kind": "edges", "lines": LINES}
    heavier = 2.2 if material[0] == "W" else 1.0
    return Piece("elk-edges", f"{material} {name}", "elk", job, minutes * heavier)


def paw_edges(material, name, change, minutes, strain=0.0):
    job = {
        **structure(material, strain), "kind": "edges", "functional": "PBE", "cutoff": 400, **SMALL,
        "bands": (24, 36, 60), "lines": LINES, **change,
    }  # fmt: skip
    return Piece("paw-edges", f"{material} {name}", "gpaw", job, minutes)


def paw_piece(kind, material):
    """The other runs of GPAW: bands along the path and over the zone, of the bulk, relaxed structures."""
    job = {
        **structure(material),
        "kind": kind,
        "cutoff": 400,
        "mesh": 9,
        "path": PATH,
        "below": BELOW,
        "above": ABOVE,
    }
    a, c, z = BULK[material]
    if kind in ("bulk", "relaxed-bulk"):
        job |= {"a": a, "c": c, "d": z * c, "mesh": 6, "mesh_z": 2}
    if kind == "bulk":
        # valence and conduction bands come in pairs, one for each layer of the cell
        job |= {"path": PATH[1:3], "points": 25, "below": 8, "above": 8}
    elif kind == "relaxed-bulk":
        job |= {"lattice": [a], "kind": "relax", "cutoff": 500}
    elif kind == "relaxed-layer":
        lattice = [round(LAYERS[material][0] * strain, 5) for strain in STRAINS]
        job |= {"kind": "relax", "vacuum": 12.0, "cutoff": 500, "lattice": lattice}
    elif kind == "normal":
        job |= {"vacuum": 30.0, "mesh": 6, "path": (*PATH[:3], (1 / 6, 1 / 6)), "below": 4, "above": 4}
    elif kind == "strained":
        job |= {"kind": "layer", "a": round(0.99 * job["a"], 5), "vacuum": 12.0, "points": 4}
    elif kind == "images":
        job |= {**SMALL, "functional": "PBE", "points": IMAGES}
    elif kind == "projections":
        job |= {**SMALL, "functional": "PBE", "bands": 60}
    else:
        whole = material == "WSe2"
        job |= {"vacuum": 12.0, "points": POINTS if whole else 31, "wedge": WEDGE if whole else 0}
    return Piece(kind, material, "gpaw", job, 4.0)


def coupling(material):
    """Levels at Gamma and K of the small run by basis, by what is kept near the nuclei, and by states."""
    base = elk_edges(material, "small").job
    job = {name: value for name, value in base.items() if name != "lines"} | {
        "kind": "coupling", "path": LINES["Gamma-K"][0],
        # basis, angular momenta near the nuclei, empty states per atom
        "choices": [
            (7.0, 1, 8), (7.0, 2, 8), (7.0, 3, 8), (8.0, 3, 8), (9.0, 3, 8), (10.0, 3, 8), (9.0, 3, 100),
            (9.0, 3, 250),
        ],
    }  # fmt: skip
    return Piece("coupling", material, "elk", job, 3.0)


# at Gamma, close to the second minimum and at K, in 2 b1 + b2 of a cell with vectors 120 degrees apart
POINTS_OF_STATES = (0.0, 13 / 72, 1 / 3)
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
    return Piece("states", f"{material} {name}", "gpaw", job, 2.0)


def elk_layer(material):
    job = {
        **structure(material), **elk.SETTINGS, "kind": "layer", "path": PATH, "points": POINTS,
        "below": BELOW, "above": ABOVE,
    }  # fmt: skip
    return Piece("elk", material, "elk", job, 12.0)


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
    found = [Piece("crystals", f"{material} layer", "gpaw", {**job, "vacuum": 12.0}, 1.0)]
    for height in BULK_HEIGHTS:
        bulk = {**job, "mesh_z": 2, "c": round(c * (1 + height / 100), 5)}
        found.append(Piece("crystals", f"{material} bulk {height:+g}", "gpaw", bulk, 3.0))
    heights = [round(c * (1 + height / 100), 5) for height in BULK_HEIGHTS]
    # the dispersion between periodic images of the layer falls slowly
    wide = {**job, "kind": "dispersion", "vacuum": 60.0, "heights": heights}
    found.append(Piece("dispersion", material, "dftd3", wide, 0.1))
    return found


def plan():
    """All pieces, the most useful first."""
    materials = ("MoS2", "WSe2", "MoSe2", "WS2")
    lapw = {name: [elk_edges(m, name) for m in materials] for name in ELK}
    paw = {name: [paw_edges(m, name, *what) for m in materials] for name, what in PAW.items()}
    meta = [paw_edges("MoS2", "meta-GGA", {"functional": META}, 5.0)]
    relaxed = [crystals(m) for m in materials]
    first = [[p for p in group if p.key.endswith(("layer", "+0"))] for group in relaxed]
    change = {"mesh": 9, "vacuum": 12.0}
    strained = [paw_edges(m, f"strain {x:+g}", change, 1.2, x) for x in STRAINED for m in materials]
    older = ("layer", "strained", "bulk", "normal", "relaxed-layer", "relaxed-bulk")
    groups = [
        [paw_piece("projections", m) for m in materials], [coupling(m) for m in materials],
        *([paw_states(m, name) for m in materials] for name in STATES),
        [paw_piece("images", "WSe2")], lapw["small"][:2],
        first[0], paw["small"], lapw["basis 8"][:1], lapw["small"], lapw["reference 8"][:1],
        lapw["mesh 9"][:1], lapw["vacuum 12"][:1], first[1], first[2], first[3], lapw["basis 8"],
        lapw["reference 8"], paw["cutoff 600"], paw["mesh 9"], lapw["angular momenta 10"], lapw["mesh 9"],
        lapw["basis 9"], lapw["vacuum 12"],
        lapw["empty 20"], strained, meta, *paw.values(), *lapw.values(), *relaxed, map(elk_layer, materials),
        [paw_piece(kind, m) for kind in older for m in materials],
    ]  # fmt: skip
    return list({(piece.kind, piece.key): piece for group in groups for piece in group}.values())
