"""Splitting a question into words, as the Relation Networks reference does, and as clevr-iep does."""

import re
from collections.abc import Callable, Mapping

START_WORD, END_WORD, UNKNOWN_WORD = "<START>", "<END>", "<UNK>"
"""The words that clevr-iep adds: before and after a question, and in place of a word it does not know."""

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


def tokenise_iep(text: str) -> list[str]:
    """Split a question as clevr-iep (Johnson et al. 2017, https://arxiv.org/abs/1705.03633) does.

    Case is kept; `;` and `,` get a space before them, `?` and `.` are dropped; the text is split at every single
    space, so that two spaces leave an empty word between them, and one at the end an empty last word; `<START>`
    and `<END>` stand around it.

    Example:
        >>> tokenise_iep("There is a big  sphere; is it red?")
        ['<START>', 'There', 'is', 'a', 'big', '', 'sphere', ';', 'is', 'it', 'red', '<END>']
    """
    for mark in ";,":
        text = text.replace(mark, f" {mark}")
    for mark in "?.":
        text = text.replace(mark, "")
    return [START_WORD, *text.split(" "), END_WORD]


TOKENISERS: Mapping[str, Callable[[str], list[str]]] = {"clevr": tokenise, "iep": tokenise_iep}
"""How a vocabulary may split questions, by name."""
