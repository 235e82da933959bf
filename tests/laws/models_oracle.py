"""The models of privacy worked out plainly from their definitions: lists of keys, counters and fractions."""

import itertools
import math
from collections import Counter, defaultdict
from fractions import Fraction


def classes(keys, values):
    """Count the values of each class."""
    found = defaultdict(Counter)
    for key, value in zip(keys, values, strict=True):
        found[key][value] += 1
    return list(found.values())


def shares(counts):
    return {value: Fraction(count, counts.total()) for value, count in counts.items()}


def distinct(found):
    return min(len(counts) for counts in found)


def entropy(found):
    return min(math.exp(-sum(p * math.log(p) for p in shares(counts).values())) for counts in found)


def grassberger(found):
    def g(n):
        return -0.5772156649015329 - math.log(2) + sum(2 / (2 * j - 1) for j in range(1, n // 2 + 1))

    def estimate(counts):
        return g(counts.total()) - sum(n * g(n) for n in counts.values()) / counts.total()

    return min(math.exp(estimate(counts)) for counts in found)


def recursive(found, least):
    def c(counts):
        ordered = sorted(counts.values(), reverse=True)
        rest = sum(ordered[least - 1 :])
        return ordered[0] / rest if rest else math.inf

    return max(map(c, found))


def moved(here, there, places):
    """Cumulate differences along places: what is carried from each to the next."""
    carried = total = Fraction(0)
    for place in places:
        carried += here.get(place, 0) - there.get(place, 0)
        total += abs(carried)
    return total


def t_equal(found):
    whole = shares(sum(found, Counter()))
    return max(float(sum(abs(shares(c).get(v, 0) - p) for v, p in whole.items()) / 2) for c in found)


def t_ordered(found, order):
    whole = shares(sum(found, Counter()))
    return max(float(moved(shares(c), whole, order) / max(len(order) - 1, 1)) for c in found)


def t_hierarchical(found, paths):
    """Distance in a tree by the recursion of Li, Li and Venkatasubramanian; `paths` are the levels above each value."""
    whole = shares(sum(found, Counter()))
    height = len(next(iter(paths.values())))

    def distance(here):
        extra = {(value,): here.get(value, 0) - p for value, p in whole.items()}
        above = {(value,): paths[value] for value in whole}
        cost = Fraction(0)
        for level in range(height):
            children = defaultdict(list)
            rising = {}
            for node, surplus in extra.items():
                parent = (level, above[node][level])
                children[parent].append(surplus)
                rising[parent] = above[node]
            for surpluses in children.values():
                positive = sum(s for s in surpluses if s > 0)
                negative = -sum(s for s in surpluses if s < 0)
                cost += Fraction(level + 1, height) * min(positive, negative)
            extra = {parent: sum(surpluses) for parent, surpluses in children.items()}
            above = rising
        return float(cost)

    return max(distance(shares(counts)) for counts in found)


def alpha(found):
    return max(float(max(shares(counts).values())) for counts in found)


def gains(found):
    whole = shares(sum(found, Counter()))
    return [(q / whole[value] - 1, whole[value]) for counts in found for value, q in shares(counts).items()]


def basic_beta(found):
    return float(max(gain for gain, _ in gains(found)))


def enhanced_beta(found):
    return max(math.inf if gain > -math.log(p) else float(gain) for gain, p in gains(found))


def delta(found):
    return max(abs(math.log2(1 + gain)) for gain, _ in gains(found))


def delta_absent(found):
    everywhere = all(counts.keys() == sum(found, Counter()).keys() for counts in found)
    return delta(found) if everywhere else math.inf


def presence(keys, population):
    here, there = Counter(keys), Counter(population)
    share = [here[key] / count for key, count in there.items()]
    return min(share), max(share)


def k_map(keys, population):
    there = Counter(population)
    return min(there[key] for key in keys)


def combinations(codes, most, required):
    """Count every combination of codes that occurs, and those that offend though no part does."""
    table = Counter()
    for owned in codes.values():
        for size in range(1, most + 1):
            table.update(itertools.combinations(sorted(owned), size))
    offending = [0] * most
    for combination, persons in table.items():
        parts = (p for size in range(1, len(combination)) for p in itertools.combinations(combination, size))
        if persons < required and all(table[part] >= required for part in parts):
            offending[len(combination) - 1] += 1
    return min(table.values()), tuple(offending)
