"""Numbers of the literature that the pages compare with, each with its range and its source.

`source` is a key of ``book/references.bib``. `read` says where the number was read: in the "abstract" or the
"text" of the source, or "second-hand", as other papers quote it. The range is the error that the source
states; where it states none, half of the last printed digit, or what it says in words.
"""

from dataclasses import dataclass

__all__ = ["KNOWN", "Known"]


@dataclass(frozen=True)
class Known:
    """A number of the literature.

    Attributes
    ----------
    quantity : str
        What it is, with its unit.
    value, low, high : float
    source, read : str
        As explained at the top.

    Examples
    --------
    >>> KNOWN["electrons, hot"].value, KNOWN["electrons, hot"].source
    (137.0, 'grimes1979')
    """

    quantity: str
    value: float
    low: float
    high: float
    source: str
    read: str


_ABSTRACT, _TEXT, _QUOTED = "abstract", "text", "second-hand"
KNOWN = {
    "He-4": Known("r0/a of He-4", 0.26, 0.255, 0.265, "cazorla2009", _TEXT),
    "He-4, simulated": Known("r0/a of He-4", 0.30, 0.25, 0.35, "dusseault2017", _ABSTRACT),
    "He-4, motion": Known("kinetic energy of He-4 (K)", 24.3, 24.0, 24.6, "diallo2004", _ABSTRACT),
    "H2": Known("displacement in H2 (angstrom)", 0.65, 0.60, 0.70, "harris1977", _ABSTRACT),
    "H2, quoted": Known("r0/a of H2", 0.18, 0.175, 0.185, "clark2009", _TEXT),
    "Ne": Known("Debye temperature of Ne from intensities (K)", 73.0, 72.5, 73.5, "henshaw1958", _ABSTRACT),
    "Ne, cell": Known("cubic cell of Ne (angstrom)", 4.429, 4.4285, 4.4295, "henshaw1958", _ABSTRACT),
    "Ar, cell": Known("cubic cell of Ar (angstrom)", 5.256, 5.2555, 5.2565, "henshaw1958", _ABSTRACT),
    "H2, melting": Known("triple point of H2 (K)", 13.8033, 13.80325, 13.80335, "its90", _TEXT),
    "Ne, melting": Known("triple point of Ne (K)", 24.5561, 24.55605, 24.55615, "its90", _TEXT),
    "Ar, melting": Known("triple point of Ar (K)", 83.8058, 83.80575, 83.80585, "its90", _TEXT),
    "D2, melting": Known("triple point of D2 (K)", 18.723, 18.7225, 18.7235, "schwalbe1984", _ABSTRACT),
    "Ne, motion": Known("kinetic energy of Ne (K)", 41.51, 41.45, 41.57, "cazorla2008", _ABSTRACT),
    "electrons": Known("r_s where electrons melt", 31.0, 30.0, 32.0, "drummond2009", _ABSTRACT),
    "electrons, older": Known("r_s where electrons melt", 37.0, 32.0, 42.0, "tanatar1989", _ABSTRACT),
    "electrons, hot": Known("Gamma where electrons melt", 137.0, 122.0, 152.0, "grimes1979", _ABSTRACT),
    "dipoles": Known("n (mC/hbar^2)^2 where dipoles melt", 290.0, 285.0, 295.0, "astrakharchik2007", _QUOTED),
    "dipoles, other": Known("mC sqrt(n)/hbar^2 where dipoles melt", 18.0, 14.0, 22.0, "buchler2007", _QUOTED),
    "dipoles, ratio": Known("r0/a where dipoles melt", 0.230, 0.224, 0.236, "astrakharchik2007", _QUOTED),
    "dipoles, hot": Known("Gamma where colloids melt", 60.0, 59.5, 60.5, "vongruenberg2004", _QUOTED),
    "quadrupoles": Known("r0/a where quadrupoles melt", 0.269, 0.265, 0.273, "astrakharchik2020", _ABSTRACT),
}
