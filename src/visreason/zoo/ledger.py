"""The ledger: what `results/*.json` and the cards say, drawn as `docs/results.md` and `docs/models/`.

Two kinds of records lie in `results/`: of models (`visreason.zoo.record`), which `visreason publish` writes, and
sections of figures that no run stands for:

    {"kind": "section", "title": "…", "order": 3, "parts": ["text", {"columns": […], "rows": [[…], …]}, …]}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from visreason.errors import DataError
from visreason.files import read_json, write_atomically
from visreason.zoo.card import Card, card_of
from visreason.zoo.card_page import draw_card
from visreason.zoo.ledger_tables import model_tables
from visreason.zoo.markdown import page, table
from visreason.zoo.record import KIND, Record
from visreason.zoo.shipped_models import shipped_names

SECTION = "section"

_HEAD = """\
# Results

<!-- Drawn by `visreason ledger` from results/*.json; what is changed here is lost. -->

Every figure has the command that makes it. Intervals are of 95 % and clustered by image; where there are several
seeds, a figure is their mean and standard deviation, and the interval reaches from the lowest to the highest end of
theirs. [Measurements](measurements.md) has speed, rendering and the oracle; [experiments](experiments.md) what helped
and what did not."""


@dataclass(frozen=True, slots=True)
class Section:
    """Figures that no model file stands for.

    Attributes:
        title: of the section.
        order: where it stands among the others.
        parts: paragraphs, and tables as `{"columns", "rows"}`.
    """

    title: str
    order: int
    parts: Sequence[str | Mapping[str, Any]]

    def draw(self) -> list[str]:
        """The section's lines."""
        lines = [f"## {self.title}", ""]
        for part in self.parts:
            lines += [part, ""] if isinstance(part, str) else table(part["columns"], part["rows"])
        return lines


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that is known.

    Attributes:
        records: of models, by name.
        sections: in their order.
        cards: of the models that ship.
    """

    records: Sequence[Record]
    sections: Sequence[Section]
    cards: Sequence[Card]

    @classmethod
    def read(cls, results: Path) -> Self:
        """Read the records in a folder, and the cards of the shipped models.

        Raises:
            DataError: the folder is missing, or a file in it is broken or of no kind that is known.
        """
        if not results.is_dir():
            raise DataError(
                f"there is no folder {results}. Give the project's folder of records with --results."
            )
        records, sections = [], []
        for path in sorted(results.glob("*.json")):
            values = read_json(path)
            kind = values.get("kind") if isinstance(values, dict) else None
            if kind == KIND:
                records.append(Record.from_dict(values, str(path)))
            elif kind == SECTION:
                sections.append(_section(values, path))
            else:
                raise DataError(f"{path} is no record of the ledger: its kind must be {KIND} or {SECTION}.")
        cards = [card_of(name) for name in shipped_names()]
        return cls(records, sorted(sections, key=lambda one: (one.order, one.title)), cards)

    def pages(self) -> dict[str, str]:
        """Every page by its path under docs/."""
        names = [card.record.name for card in self.cards]
        lines = [_HEAD, *model_tables(self.records, names)]
        for section in self.sections:
            lines += section.draw()
        models = {f"models/{card.record.name}.md": draw_card(card) for card in self.cards}
        return {"results.md": page(lines), "models/index.md": _index(self.cards)} | models


def stale_pages(ledger: Ledger, docs: Path) -> list[Path]:
    """Pages that are not what the ledger says, are missing, or are of models that ship no more."""
    wanted = {docs / name: text for name, text in ledger.pages().items()}
    changed = [
        path
        for path, text in wanted.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    return changed + [path for path in sorted((docs / "models").glob("*.md")) if path not in wanted]


def draw_pages(ledger: Ledger, docs: Path) -> list[Path]:
    """Write the pages that are stale, and remove those of models that ship no more; return their paths."""
    stale, pages = stale_pages(ledger, docs), ledger.pages()
    for path in stale:
        text = pages.get(path.relative_to(docs).as_posix())
        if text is None:
            path.unlink()
        else:
            with write_atomically(path, "w") as file:
                file.write(text)
    return stale


def _section(values: Mapping[str, Any], path: Path) -> Section:
    """A section from its file."""
    try:
        section = Section(**{key: value for key, value in values.items() if key != "kind"})
        widths = [
            {len(row) for row in (part["columns"], *part["rows"])}
            for part in section.parts
            if not isinstance(part, str)
        ]
    except (TypeError, KeyError) as error:
        raise DataError(f"{path} is no section of the ledger: {error}.") from error
    if any(len(width) > 1 for width in widths):
        raise DataError(f"{path}: a row of a table has not as many cells as there are columns.")
    return section


def _index(cards: Sequence[Card]) -> str:
    """The page of all shipped models."""
    rows = [
        [
            f"[{card.record.name}]({card.record.name}.md)",
            card.record.family,
            card.record.reads,
            f"{card.size / 1e6:.1f} MB",
            card.record.headline() or "",
        ]
        for card in cards
    ]
    head = (
        "# Shipped models",
        "",
        "What `visreason` has learnt when it is installed. [The zoo](../zoo.md) tells how to use these models and how "
        "to make more.",
    )
    names = [card.record.name for card in cards]
    tree = ["```{toctree}", ":hidden:", "", *names, "```"]
    return page([*head, *table(["model", "family", "reads", "file", "unseen data"], rows), *tree])
