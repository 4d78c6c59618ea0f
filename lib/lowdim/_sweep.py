"""Independent jobs through joblib: one machine's processors, or a cluster's."""

import sys

from joblib import Parallel, delayed
from tqdm import tqdm


def sweep(function, jobs, name=None, n_jobs=-1):
    """Results of independent jobs, in the order of the jobs.

    Parameters
    ----------
    function : callable
        Called with the arguments of each job; draws its random numbers from a seed among them.
    jobs : iterable of tuple
        Arguments of each call.
    name : str, optional
        Shown beside the bar of progress.
    n_jobs : int
        Processes, -1 for all processors, or all workers of a cluster under
        ``joblib.parallel_config("dask")``; 1 is this process, wherever that may be.

    Returns
    -------
    list
        One result for each job; the same wherever the jobs ran.

    Examples
    --------
    >>> sweep(divmod, [(7, 2), (9, 4)], n_jobs=1)
    [(3, 1), (2, 1)]
    """
    jobs = list(jobs)
    found = Parallel(n_jobs=n_jobs, return_as="generator")(delayed(function)(*job) for job in jobs)
    return list(tqdm(found, name, len(jobs), file=sys.stdout if name else None, disable=name is None))
