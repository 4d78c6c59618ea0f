"""What the properties of several subpackages draw: numbers, vectors and other cells of one plane lattice."""

import numpy as np
from hypothesis import strategies as st


def numbers(low, high):
    return st.floats(low, high, allow_subnormal=False)


def vectors(size, low, high):
    return st.lists(numbers(low, high), min_size=size, max_size=size).map(np.array)


@st.composite
def cells(draw):
    """Integer matrices of determinant one: other primitive vectors of the same plane lattice."""
    cell = np.eye(2)
    for axis in draw(st.lists(st.sampled_from([0, 1]), min_size=1, max_size=3)):
        cell[axis] += draw(st.integers(-4, 4)) * cell[1 - axis]
    return cell
