r"""Finite pieces of planar lattices, in several outlines.

The square lattice has the primitive vectors a(1, 0) and a(0, 1), the triangular one a(1, 0) and
a(1/2, sqrt(3)/2). A patch lies at z = 0 with its centre, the mean of its sites, at the origin. Its outline
may be turned against the lattice: what the light tells of the outline then turns, what it tells of the
lattice stays.
"""

import numpy as np

from lowdim._checks import array_of_shape, integer_in, positive, refuse

__all__ = ["PRIMITIVE", "lattice_patch", "parallelogram"]

PRIMITIVE = {
    "square": np.array([[1.0, 0.0], [0.0, 1.0]]),
    "triangular": np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]]),
}
SIDES = {"disc": 0, "square": 4, "hexagon": 6, "rectangle": 2}


def primitive_vectors(lattice, spacing):
    """Return the primitive vectors as rows, shape (2, 2)."""
    if lattice not in PRIMITIVE:
        refuse("lattice", f"one of {', '.join(PRIMITIVE)}", lattice)
    return positive("spacing", spacing) * PRIMITIVE[lattice]


def parallelogram(lattice, spacing, rows, columns=None):
    r"""Patch of `rows` times `columns` sites along the primitive vectors.

    For the square lattice it is a rectangle, for the triangular one a rhombus if `rows` = `columns`.

    Parameters
    ----------
    lattice : {"square", "triangular"}
    spacing : float
        Lattice constant, > 0.
    rows, columns : int
        Sites along the first and second primitive vector; as many if `columns` is left out.

    Returns
    -------
    ndarray, shape (rows * columns, 3)

    Examples
    --------
    >>> parallelogram("square", 0.5, 2)[:, :2].tolist()
    [[-0.25, -0.25], [-0.25, 0.25], [0.25, -0.25], [0.25, 0.25]]
    """
    vectors = primitive_vectors(lattice, spacing)
    rows = integer_in("rows", rows, 1)
    columns = rows if columns is None else integer_in("columns", columns, 1)
    return centred_sites(vectors, (rows, columns))


def independent_vectors(primitive):
    """Two primitive vectors of a plane, checked: array (2, 2)."""
    primitive = array_of_shape("primitive", primitive, (2, 2))
    if np.linalg.det(primitive) == 0:
        refuse("primitive", "independent vectors", primitive)
    return primitive


def centred_sites(vectors, shape):
    """Sites (rows * columns, 3) at i, j times the primitive vectors, their mean at the origin."""
    i, j = np.meshgrid(*[np.arange(n) - (n - 1) / 2 for n in shape], indexing="ij")
    return np.pad(np.stack([i.ravel(), j.ravel()], axis=1) @ vectors, ((0, 0), (0, 1)))


def lattice_patch(lattice, spacing, sites, outline, *, turn=0.0, offset=(0.5, 0.5)):
    r"""Patch of about `sites` sites with a given outline.

    Parameters
    ----------
    lattice : {"square", "triangular"}
    spacing : float
        Lattice constant, > 0.
    sites : int
        The area of the outline is that of so many unit cells; the number of sites inside differs a little.
    outline : {"disc", "square", "hexagon", "rectangle"}
        The rectangle has sides 2 : 1, the longer one along the first primitive vector; the hexagon has
        corners on that vector, the square has sides along it.
    turn : float
        Angle by which the outline is turned, radian.
    offset : array_like, shape (2,)
        Centre of the outline, in primitive vectors from a site.

    Returns
    -------
    ndarray, shape (N, 3)

    Examples
    --------
    >>> len(lattice_patch("square", 1.0, 100, "square")), len(lattice_patch("triangular", 1.0, 100, "disc"))
    (100, 100)
    """
    vectors = primitive_vectors(lattice, spacing)
    sites = integer_in("sites", sites, 1)
    if outline not in SIDES:
        refuse("outline", f"one of {', '.join(SIDES)}", outline)
    turn = float(array_of_shape("turn", turn, ()))
    centre = array_of_shape("offset", offset, (2,))
    area = sites * abs(np.linalg.det(vectors))
    reach = int(np.ceil(2.5 * np.sqrt(sites))) + 2
    index = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
    place = (index - centre) @ vectors
    c, s = np.cos(turn), np.sin(turn)
    x, y = (place @ np.array([[c, -s], [s, c]])).T
    place = place[_inside(outline, x, y, area)]
    return np.pad(place - place.mean(axis=0), ((0, 0), (0, 1)))


def _inside(outline, x, y, area):
    if outline == "disc":
        return x**2 + y**2 < area / np.pi
    if outline == "square":
        return np.maximum(np.abs(x), np.abs(y)) < 0.5 * np.sqrt(area)
    if outline == "rectangle":
        return np.maximum(np.abs(x), 2 * np.abs(y)) < np.sqrt(area / 2)
    height = np.sqrt(area / (2 * np.sqrt(3)))  # of the hexagon's sides over its centre
    tilted = [np.abs(np.sin(t) * x + np.cos(t) * y) for t in np.pi / 3 * np.arange(3)]
    return np.max(tilted, axis=0) < height
