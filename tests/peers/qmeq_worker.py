"""What QmeQ says of a dot between two leads: runs in `.venv-qmeq`, speaks JSON.

    .venv-qmeq/bin/python tests/peers/qmeq_worker.py < request.json

A request holds energies, electron numbers and degeneracies of the multiplets, the transition probabilities,
the rates of the two leads, the temperature and pairs of gate and bias. QmeQ knows states and not multiplets:
each becomes as many states as its degeneracy, with equal amplitudes between all states of two multiplets.
"""

import json
import sys

import numpy as np
import qmeq

BAND = 1e3  # half the width of the leads' bands, far beyond every energy


def states_of(request):
    """Multiplet of every state."""
    return np.repeat(np.arange(len(request["energies"])), request["degeneracies"])


def amplitudes(request, member):
    """Tunnelling amplitudes: the rate 2 pi |T|^2 of an entry is 2 t M / d of the final multiplet."""
    probability = np.array(request["probabilities"])[np.ix_(member, member)]  # [final, initial]
    final = np.array(request["degeneracies"])[member][:, None]
    one = [np.sqrt(2 * rate * probability / final / (2 * np.pi)) for rate in request["rates"]]
    return np.array([matrix + matrix.T for matrix in one], dtype=complex)


def current(request, gate, bias):
    """From the left lead into the dot, by Pauli's master equation."""
    member = states_of(request)
    electrons = np.array(request["electrons"])[member]
    energies = np.array(request["energies"])[member] - gate * electrons
    order = np.argsort(electrons, kind="stable")
    tunnel = amplitudes(request, member)[np.ix_([0, 1], order, order)]
    system = qmeq.BuilderManyBody(
        Ea=energies[order], Na=electrons[order], Tba=tunnel, kerntype="Pauli", itype=1,
        mulst={0: bias / 2, 1: -bias / 2}, tlst=dict.fromkeys((0, 1), request["temperature"]),
        dband=dict.fromkeys((0, 1), BAND),
    )  # fmt: skip
    system.solve(qdq=False, rotateq=False)
    return float(np.real(system.current[0]))


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump([current(asked, *point) for point in asked["points"]], sys.stdout)
