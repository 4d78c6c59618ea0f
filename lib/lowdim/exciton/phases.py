"""Phase factors of a whole grid, in place: what a step in a moving potential costs beside its transforms."""

import numpy as np

__all__ = ["unit_phases"]

_BLOCK = 2**13


def unit_phases(angle, out, scale=1.0, xp=np):
    """out = exp(i scale angle) for real angles, which may be a strided view; `out` is contiguous.

    The innermost loop of `propagate`: what comes is not checked.

    Examples
    --------
    >>> unit_phases(np.array([0.0, np.pi]), np.empty(2, complex)).real.round(6).tolist()
    [1.0, -1.0]
    """
    if xp is not np:
        out.real[...] = xp.cos(angle * scale)
        out.imag[...] = xp.sin(angle * scale)
        return out
    angle, turned = (x.reshape(-1, x.shape[-1]) for x in (angle, out))
    rows = max(1, _BLOCK // turned.shape[1])
    fill = _phases_by_tangent if turned.dtype == np.complex128 else _phases_by_sine
    for start in range(0, len(turned), rows):  # blocks stay in the cache
        fill(angle[start : start + rows], turned[start : start + rows], scale)
    return out


def _phases_by_sine(angle, out, scale):
    """One sine of the interleaved real and imaginary parts, the first a quarter turn ahead."""
    np.multiply(angle, scale, out=out.imag)
    np.add(out.imag, np.pi / 2, out=out.real)
    parts = out.view(out.real.dtype)
    np.sin(parts, out=parts)


def _phases_by_tangent(angle, out, scale):
    """From the tangent of half the angle, faster than sine and cosine in double precision."""
    tangent = np.multiply(angle, scale / 2)
    np.tan(tangent, out=tangent)
    share = tangent * tangent
    share += 1
    np.divide(2, share, out=share)  # 1 + cos(angle)
    np.multiply(tangent, share, out=out.imag)
    np.subtract(share, 1, out=out.real)
