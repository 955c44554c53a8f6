"""The errors a user can cause, each telling what was given, what was expected and what to do.

The command line prints the message of any `VisreasonError` and exits with 1; every other exception is a fault of
ours and keeps its traceback.
"""


class VisreasonError(Exception):
    """Something the user gave cannot be used; the message says what to do about it."""


class DataError(VisreasonError):
    """A file, scene, question or image is missing, broken or of another form than its format says."""


class ProgramError(VisreasonError):
    """A functional program is malformed, or cannot be run on the scene it was given; names the node."""


class VocabularyError(VisreasonError):
    """A word or an answer is not in the vocabulary."""


class ModelError(VisreasonError):
    """A checkpoint, model file or model configuration does not fit."""


class UsageError(VisreasonError):
    """The arguments of a command or call contradict each other or cannot be met."""
