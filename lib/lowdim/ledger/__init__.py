"""The claims ledger: what the papers print, and what became of it.

>>> from lowdim.ledger import Paper
>>> paper = Paper("yukalov2020")
>>> paper.check("eq.52", 4 * 2**2 / (2 - 1), tolerance=0.5, reason="integer as printed")
reproduced: yukalov2020 eq.52 | two dimensions | published 16; computed 16; deviation 0; tolerance 0.5, \
integer as printed

Modules: `inventory` (the published values), `paper` (deciding a claim; `statement` words its refusals,
`values` compares and rounds), `claim` (the record), `collection` (the whole ledger), `sphinx` and `table`
(its page in the book).
"""

from lowdim.ledger.claim import MIME_TYPE, TESTED, VERDICTS, Claim
from lowdim.ledger.collection import collect, problems, summary
from lowdim.ledger.inventory import KINDS, PAPERS, PaperHead, all_claims, head
from lowdim.ledger.paper import Paper
from lowdim.ledger.values import LedgerError

__all__ = [
    "KINDS",
    "MIME_TYPE",
    "PAPERS",
    "TESTED",
    "VERDICTS",
    "Claim",
    "LedgerError",
    "Paper",
    "PaperHead",
    "all_claims",
    "collect",
    "head",
    "problems",
    "summary",
]
