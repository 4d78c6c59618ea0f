"""The claims ledger: what the papers print, and what became of it.

>>> from lowdim.ledger import Paper
>>> paper = Paper("yukalov2020")
>>> paper.number("eq.52", 4 * 2**2 / (2 - 1), tolerance=0.5, reason="integer as printed")
reproduced: [Y 52] In two dimensions at zero temperature this multiple is 16. | published 16; computed 16; \
deviation 0; tolerance 0.5, integer as printed

Modules: `inventory` (what is printed), `paper` (deciding a claim; `comparison` holds what each verdict must
show, `statement` words the refusals, `values` compares and rounds, `inequality` and `evaluation` serve
sentences and formulas), `claim` and `box` (the record, and how it shows itself), `collection` (the whole
ledger), `sphinx` and `table` (its page in the book).
"""

from lowdim.ledger.claim import MIME_TYPE, TESTED, VERDICTS, Claim
from lowdim.ledger.collection import collect, problems, summary
from lowdim.ledger.inequality import Inequality
from lowdim.ledger.inventory import KINDS, PAPERS, PaperHead, all_claims, head
from lowdim.ledger.labels import label_of
from lowdim.ledger.paper import Paper
from lowdim.ledger.values import LedgerError

__all__ = [
    "KINDS",
    "MIME_TYPE",
    "PAPERS",
    "TESTED",
    "VERDICTS",
    "Claim",
    "Inequality",
    "LedgerError",
    "Paper",
    "PaperHead",
    "all_claims",
    "collect",
    "head",
    "label_of",
    "problems",
    "summary",
]
