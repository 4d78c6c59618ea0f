"""Errors raised by the Wigner-crystal solvers when they cannot vouch for their answer."""

__all__ = ["NotConverged"]


class NotConverged(RuntimeError):
    """An iteration ended before it reached the accuracy asked for."""
