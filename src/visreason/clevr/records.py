"""Streaming the long list of records in a CLEVR JSON file, in bounded memory.

Both kinds of file are one JSON object with a short `info` and one long list. The released train questions are
hundreds of megabytes in one line: the reader decodes one record at a time from a sliding window, the writer
encodes one at a time. A file whose name ends in `.gz` is compressed, and is read and written as such.
"""

import codecs
import gzip
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, cast

import orjson

from visreason.clevr.folder import PACKED
from visreason.errors import DataError
from visreason.files import write_atomically

_CHUNK = 1 << 20
_LONGEST = 64 << 20
_EFFORT = 6  # zlib's usual level: 9 takes twice as long for a few per cent
_decode = json.JSONDecoder().raw_decode


def iter_records(path: str | os.PathLike[str], key: str) -> Iterator[Any]:
    """The records of the list `key` of a JSON object file, one by one.

    Raises:
        DataError: the file is missing, truncated or not JSON, or has no list `key`; the message says where.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "numbers.json"
        >>> write_records(path, "numbers", [{"n": 1}, {"n": 2}], {"split": "val"})
        2
        >>> [record["n"] for record in iter_records(path, "numbers")]
        [1, 2]
    """
    with _opened(path) as file:
        yield from _Window(file, str(path)).records(key)


def read_info(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The block `info` of a JSON object file; empty where the file begins with its list, or has none.

    Raises:
        DataError: the file is missing, truncated or not JSON.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "numbers.json"
        >>> _ = write_records(path, "numbers", [], {"split": "val"})
        >>> read_info(path)
        {'split': 'val'}
    """
    with _opened(path) as file:
        return _Window(file, str(path)).info()


def write_records(
    path: str | os.PathLike[str], key: str, records: Iterable[Any], info: dict[str, Any]
) -> int:
    """Write `{"info": info, key: [records]}`, a record a line, atomically; return how many there were.

    Raises:
        DataError: the file cannot be written.
    """
    count = 0
    with write_atomically(path) as plain, packed(plain) if _packed(path) else nullcontext(plain) as file:
        file.write(b'{"info": ' + orjson.dumps(info) + b', "' + key.encode() + b'": [')
        for record in records:
            file.write((b",\n" if count else b"\n") + orjson.dumps(record, option=orjson.OPT_SERIALIZE_NUMPY))
            count += 1
        file.write(b"\n]}\n")
    return count


def packed(file: IO[bytes]) -> gzip.GzipFile:
    """A writer that compresses into a file; the same contents give the same bytes, as no name or time is kept."""
    return gzip.GzipFile("", "wb", _EFFORT, file, mtime=0)


def _packed(path: str | os.PathLike[str]) -> bool:
    return Path(path).suffix == PACKED


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file for reading, with errors that name it."""
    try:
        with cast(IO[bytes], gzip.open(path)) if _packed(path) else Path(path).open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist. Check the folder and the split.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is truncated or broken ({error}): copy or download it again.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error


class _Window:
    """A part of the file as text, and the place reached in it."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.file = file
        self.name = name
        self.decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self.text = ""
        self.place = 0
        self.passed = 0
        self.ended = False

    def records(self, key: str) -> Iterator[Any]:
        """Walk through the outer object, give the elements of its list `key`, check the rest to the end."""
        found: list[str] = []
        met = False
        self.expect("{")
        while self.peek() != "}":
            if found:
                self.expect(",")
            name = self.value()
            found.append(str(name))
            self.expect(":")
            if name == key and self.peek() == "[":
                met = True
                yield from self.elements()
            else:
                self.value()
        self.expect("}")
        if self.peek() != "":
            raise self.broken("there is more text after the end of the JSON object")
        if not met:
            raise DataError(f"{self.name} has no list {key!r}; its keys are: {', '.join(found) or 'none'}.")

    def info(self) -> dict[str, Any]:
        """The value of the key `info`, if it comes before any list."""
        self.expect("{")
        while self.peek() not in ("", "}"):
            name = self.value()
            self.expect(":")
            if self.peek() == "[":
                break
            value = self.value()
            if name == "info" and isinstance(value, dict):
                return value
            if self.peek() == ",":
                self.expect(",")
        return {}

    def elements(self) -> Iterator[Any]:
        """Decode the elements of the list that starts here, one at a time."""
        self.expect("[")
        if self.peek() == "]":
            self.place += 1
            return
        while True:
            yield self.value()
            if self.peek() == "]":
                self.place += 1
                return
            self.expect(",")

    def value(self) -> Any:
        """Decode the JSON value that starts here, reading on while it is incomplete."""
        while True:
            self.peek()
            try:
                value, end = _decode(self.text, self.place)
            except json.JSONDecodeError as error:
                if self.more():
                    continue
                raise self.broken(error.msg) from None
            # A number at the end of the window may go on in the next part of the file: 1 becomes 1.5.
            ends = end < len(self.text) and self.text[end] in " \t\r\n,]}"
            if isinstance(value, int | float) and not ends and self.more():
                continue
            self.place = end
            return value

    def peek(self) -> str:
        """The next character that is no white space; empty at the end of the file."""
        while True:
            while self.place < len(self.text):
                if self.text[self.place] not in " \t\r\n":
                    return self.text[self.place]
                self.place += 1
            if not self.more():
                return ""

    def expect(self, character: str) -> None:
        given = self.peek()
        if given != character:
            raise self.broken(
                f"expected {character!r}, found {given!r}" if given else f"{character!r} is missing"
            )
        self.place += 1

    def more(self) -> bool:
        """Read the next part of the file and forget what was passed; False at the end of the file."""
        if self.ended or len(self.text) - self.place > _LONGEST:
            return False
        chunk = self.file.read(_CHUNK)
        self.ended = not chunk
        try:
            text = self.decoder.decode(chunk, final=self.ended)
        except UnicodeDecodeError:
            raise DataError(f"{self.name} is not UTF-8 text, so it is no JSON file.") from None
        self.passed += self.place
        self.text = self.text[self.place :] + text
        self.place = 0
        return bool(text) or not self.ended

    def broken(self, why: str) -> DataError:
        """The error for a file that stops being JSON at the place reached."""
        place = self.passed + self.place
        end = " and the file ends there; it may be truncated: copy or download it again" if self.ended else ""
        return DataError(f"{self.name} is not valid JSON: {why} near character {place}{end}.")
