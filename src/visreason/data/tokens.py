"""Splitting a question into words, as the Relation Networks reference does."""

import re

_WORD = re.compile(r"[.,;:!?()]|[^\s.,;:!?()]+")


def tokenise(text: str) -> list[str]:
    """Split a question into lower-case words; each of `. , ; : ! ? ( )` is a word of its own.

    CLEVR's questions have 82 different words (`?` and `;` among them) and 5 to 43 of them a question. The
    rule is that of the Relation Networks reference (Santoro et al. 2017, https://arxiv.org/abs/1706.01427),
    so vocabularies built here number the words as the published checkpoints do.

    Example:
        >>> tokenise("There is a big sphere; is it RED?")
        ['there', 'is', 'a', 'big', 'sphere', ';', 'is', 'it', 'red', '?']
    """
    return _WORD.findall(text.lower())
