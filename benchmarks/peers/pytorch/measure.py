"""How the programs on PyTorch measure and report. The Go package measure says why."""

import sys
import time


def wanted():
    """What is to be measured, from standard input: the numbers of each case, by its key."""
    lines = (line.split() for line in sys.stdin)
    return {key: [int(n) for n in numbers] for key, *numbers in lines}


def best(seconds, f):
    """The shortest time of a call of f, in nanoseconds."""
    start = time.perf_counter_ns()
    f()
    calls = 1 + min(1000, 50_000 // (time.perf_counter_ns() - start))
    shortest, end = float("inf"), time.perf_counter() + seconds
    i = 0
    while i < 5 or time.perf_counter() < end:
        start = time.perf_counter_ns()
        for _ in range(calls):
            f()
        shortest = min(shortest, (time.perf_counter_ns() - start) / calls)
        i += 1
    return shortest


def median(seconds, f):
    times, end = [], time.perf_counter() + seconds
    while len(times) < 1000 or time.perf_counter() < end:
        start = time.perf_counter_ns()
        f()
        times.append(time.perf_counter_ns() - start)
    return sorted(times)[len(times) // 2]


def report(key, workers, ns):
    print(f"BenchmarkPeers/{key}/impl=pytorch/workers={workers} 1 {ns:.2f} ns/op", flush=True)
