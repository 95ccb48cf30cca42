"""How many cases the test that runs has tried, by what was fuzzed."""

from collections import Counter

CASES: Counter[str] = Counter()
