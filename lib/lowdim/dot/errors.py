"""Errors raised by the quantum-dot solvers when they cannot vouch for their answer."""

__all__ = ["NotConverged"]


class NotConverged(RuntimeError):
    """An iteration or refinement ended before it reached the accuracy asked for."""
