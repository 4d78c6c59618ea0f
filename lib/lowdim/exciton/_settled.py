"""Refinement until nothing changes."""

from lowdim.errors import NotConverged


def settled(values, close, told):
    """The first of ever finer values that is close to the one before; NotConverged where none is."""
    before = None
    for now in values:
        if before is not None and close(before, now):
            return now
        before = now
    raise NotConverged(told)


def doublings(first, last):
    """first, 2 first, 4 first ... up to last."""
    while first <= last:
        yield first
        first *= 2
