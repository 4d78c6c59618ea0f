"""The error that solvers raise instead of returning a number they cannot vouch for."""

__all__ = ["NotConverged"]


class NotConverged(RuntimeError):
    """An iteration, refinement or extrapolation ended before it reached the accuracy asked for."""
