"""Landscapes of one coordinate whose tunnelling is known in closed form."""


class Quartic:
    """(x^2 - 1)^2/8: frequency 1, S = 2/3."""

    def slope(self, x):
        y = x[:, 0]
        return (y**2 - 1) ** 2 / 8, (0.5 * y * (y**2 - 1))[:, None]

    def curvature(self, x):
        return (1.5 * x**2 - 0.5)[:, :, None]
