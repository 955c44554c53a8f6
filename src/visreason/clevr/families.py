"""The 90 question families of CLEVR and their global numbers.

A family is one entry of one template file. The generator numbers families within their file; the released
questions number them 0 to 89 through the nine files in the order below.
"""

from itertools import accumulate

from visreason.errors import DataError

FAMILY_COUNTS: dict[str, int] = {
    "compare_integer": 9,
    "comparison": 16,
    "three_hop": 6,
    "single_and": 5,
    "same_relate": 28,
    "single_or": 8,
    "one_hop": 6,
    "two_hop": 6,
    "zero_hop": 6,
}
"""Template file (without `.json`) to its number of families, in release order."""

FAMILY_OFFSETS: dict[str, int] = dict(
    zip(FAMILY_COUNTS, accumulate(FAMILY_COUNTS.values(), initial=0), strict=False)
)
"""Template file to the global number of its first family."""

FAMILY_TOTAL = sum(FAMILY_COUNTS.values())


def global_family(template_file: str, index: int) -> int:
    """The global number of family `index` of a template file.

    Raises:
        DataError: no such file among CLEVR's nine, or it has fewer families.

    Example:
        >>> global_family("same_relate.json", 3)
        39
    """
    name = template_file.removesuffix(".json")
    if name not in FAMILY_COUNTS:
        raise DataError(f"{template_file!r} is none of CLEVR's template files: {', '.join(FAMILY_COUNTS)}.")
    if not 0 <= index < FAMILY_COUNTS[name]:
        raise DataError(f"{template_file} has the families 0 to {FAMILY_COUNTS[name] - 1}, not {index}.")
    return FAMILY_OFFSETS[name] + index
