"""Errors raised by the lattice solvers when they cannot vouch for their answer."""

__all__ = ["Divergent", "NotConverged", "Unstable"]


class Divergent(ArithmeticError):
    """The quantity asked for is infinite, and no grid should pretend otherwise."""


class NotConverged(RuntimeError):
    """An iteration or refinement ended before it reached the accuracy asked for."""


class Unstable(ArithmeticError):
    """The crystal has an imaginary frequency, so it has no mean-square displacement."""
