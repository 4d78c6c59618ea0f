"""The one clock of the benchmarks: seconds of the processor, which other work on the machine disturbs little.

What is compared is timed in one run. Children are not counted: what runs in another environment times itself.
"""

import time


def clocked(function):
    """Elapsed and processor seconds of one run, and its result."""
    elapsed, processor = time.perf_counter(), time.process_time()
    result = function()
    return time.perf_counter() - elapsed, time.process_time() - processor, result


def timed(function):
    """Processor seconds of one run, and its result."""
    return clocked(function)[1:]


def best_of(function, repeats=3):
    """Shortest processor seconds of several runs, and the result of the last."""
    runs = [timed(function) for _ in range(repeats)]
    return min(seconds for seconds, _ in runs), runs[-1][1]


def interleaved(functions, rounds=3):
    """Shortest processor seconds of each function, all of them run in turn, round after round."""
    rows = [[timed(function)[0] for function in functions] for _ in range(rounds)]
    return [min(column) for column in zip(*rows, strict=True)]
