"""Solvers and the claims ledger behind *Low-dimensional quantum matter, recomputed*."""

__version__ = "0.1.0"
