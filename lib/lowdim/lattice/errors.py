"""Errors raised by the lattice solvers when they cannot vouch for their answer."""

__all__ = ["Divergent", "Unstable"]


class Divergent(ArithmeticError):
    """The quantity asked for is infinite, and no grid should pretend otherwise."""


class Unstable(ArithmeticError):
    """The crystal has an imaginary frequency, so it has no mean-square displacement."""
