"""The page of the solvers says in words what the stored benchmarks and comparisons found."""

import json
import re

import numpy as np
import pytest

import noticed
from lowdim.stored import load_stored
from prose import said, text_of

NAME = "solvers.md"
PAGE = text_of(NAME)
NOISE = 0.25  # of times, from run to run


def bench(part, name):
    """Text of a stored benchmark."""
    return load_stored(part, f"bench_{name}.txt")


def row(part, name, first, columns):
    """Return the line of a benchmark that begins with a number and has so many columns."""
    lines = [line.split() for line in bench(part, name).splitlines()]
    return next(
        [float(x) for x in line] for line in lines if line[:1] == [str(first)] and len(line) == columns
    )


def dot(solver):
    """How many times longer a peer takes for four to six electrons, least and most."""
    runs = load_stored("dot", "bench_dot.json")["side_by_side"]
    ratios = [run["ratio"] for run in runs if run["solver"].strip() == solver]
    return min(ratios), max(ratios)


def forces(peer):
    """Time of a peer over ours for the forces on a thousand electrons."""
    return row("wigner", "wigner", 1000, 8)[peer]


def arrays():
    """Time of the sum over sites over ours, in arrays of at most a fifth of a wavelength; the least."""
    text = bench("optics", "lattice_sum")
    return min(float(x) for x in re.findall(r"0\.[12] +[\d.]+ ms +[\d.]+ s +(\d+)", text))


def edges():
    rows = re.findall(r"\.\. +\d+ +\S+ +(\d+) +[\d.]+ +[\d.]+ +([\d.]+)", bench("lattice", "bands"))
    ratios = [float(ratio) for _, ratio in rows]
    return min(ratios), max(ratios)


def test_arrays_of_a_million_sites():
    """In their bounds of time and memory, and as long as the page says."""
    large = bench("optics", "dipoles").partition("large arrays")[2].splitlines()[2:]
    large = np.array([line.split() for line in large], dtype=float)
    for sites, seconds, memory in ((400, 30, 2), (1000, 600, 8)):
        rows = large[large[:, 1] == sites]
        assert len(rows) > 1
        assert np.all(rows[:, 3] + rows[:, 4] < seconds) and np.all(rows[:, 6] < memory)
        assert np.all(rows[:, 5] < 1e-8)
    dense = large[(large[:, 1] == 1000) & (large[:, 0] == 0.1)][0]
    (said_seconds,) = said(NAME, r"a tenth of a wavelength apart take (\d+) s of one core")
    assert said_seconds == pytest.approx(dense[3] + dense[4], rel=NOISE)
    many = re.findall(r"([\d.]+) s +([\d.]+) s +([\d.]+) s", bench("optics", "dipoles"))
    assert len(many) == 2
    for decomposed, iterated, taken in np.array(many, dtype=float):
        assert taken < 2 and taken < (1 + NOISE) * min(decomposed, iterated)


def test_accuracy():
    rows = [
        entry
        for part in ("dot", "wigner", "lattice", "exciton", "optics")
        for entry in load_stored(part, "peers.json")["rows"]
    ]
    assert "seven digits or more" in PAGE
    assert min(int(-np.log10(entry["deviation"])) for entry in rows) == 7


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (r"PySCF \| (\d+) to (\d+) times shorter", lambda: dot("PySCF")),
        (r"told the parities \| (\d+) to (\d+) times shorter", lambda: dot("PySCF + parity")),
        (r"plain numpy \| (\d+) times shorter", lambda: (forces(5),)),
        (r"Mathieu functions \| (\d+) to (\d+) times longer", edges),
    ],
)
def test_times_beside_peers(pattern, found):
    assert said(NAME, pattern) == pytest.approx(found(), rel=NOISE)


def test_bounds_on_times():
    assert "at least ten thousand times shorter" in PAGE
    assert arrays() > 1e4
    (bound,) = said(NAME, r"Fourier transforms \| at most ([\d.]+) times longer")
    largest = re.search(
        r"largest ratio of a step to its transforms: ([\d.]+)", bench("exciton", "wavepacket")
    )
    assert float(largest[1]) <= bound
    (share,) = said(NAME, r"at ([\d.]+) of the speed of a compiled loop")
    assert forces(3) == pytest.approx(share, rel=NOISE)
    pair, bound = said(NAME, r"A pair takes ([\d.]+) ns; its square root and division alone take ([\d.]+) ns")
    assert forces(1) == pytest.approx(pair, rel=NOISE)
    (roots,) = re.findall(r"one division take ([\d.]+)", bench("wigner", "wigner"))
    assert float(roots) == pytest.approx(bound, rel=NOISE)
    assert "two to four times faster" in PAGE
    assert all(1.6 < 1 / row("wigner", "wigner", n, 8)[3] < 5 for n in (100, 300))
    (seconds,) = said(NAME, r"come to rest in (\d+) s of one core")
    assert seconds == pytest.approx(row("wigner", "wigner", 5000, 3)[1], rel=NOISE)
    largest = load_stored("wigner", "large.json")["clusters"][-1]
    time, memory = said(NAME, r"Twenty thousand take (\d+) s of processor time[^.]* and ([\d.]+) GiB")
    assert time == pytest.approx(largest["processor_seconds"], rel=NOISE)
    assert memory == pytest.approx(largest["memory_gib"], abs=0.05)


def test_what_was_noticed_at_once():
    """By the stored draw: what was tried, what changes nothing, the share with its error, the worst part."""
    draw = json.loads(noticed.RECORD.read_text("utf8"))["2"]["modules"]
    tried, same = (sum(row[what] for row in draw.values()) for what in ("tried", "equivalent"))
    share, error, real = noticed.share(draw.values())
    numbers = said(NAME, r"Of (\d+) faults, (\d+) change nothing .* Of the other (\d+), the tests noticed")
    assert numbers == [tried, same, real]
    shown = said(NAME, r"the tests noticed \$([\d.]+)\\pm([\d.]+)\$ percent")
    assert shown == [round(100 * share, 1), round(100 * error, 1)]
    parts = {noticed.part_of(name) for name in draw}
    rows = {one: [row for name, row in draw.items() if noticed.part_of(name) == one] for one in parts}
    assert min(rows, key=lambda one: noticed.share(rows[one])[0]) == "ledger"
    faults, found = said(NAME, r"of its (\d+) faults (\d+) were noticed")
    assert (found, faults) == (
        sum(row["at once"] for row in rows["ledger"]),
        noticed.share(rows["ledger"])[2],
    )
    again = noticed.share(json.loads(noticed.RECORD.read_text("utf8"))["3"]["modules"].values())
    told = said(NAME, r"Of the (\d+) faults in it that change something, \$([\d.]+)\\pm([\d.]+)\$ percent")
    assert told == [again[2], round(100 * again[0], 1), round(100 * again[1], 1)]
