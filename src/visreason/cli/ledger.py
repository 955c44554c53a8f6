"""`visreason ledger`: results/*.json become docs/results.md and a page a shipped model."""

from pathlib import Path


def ledger(*, results: Path = Path("results"), docs: Path = Path("docs"), check: bool = False) -> None:
    """Draw docs/results.md and docs/models/ from the records and the cards; with --check, only say what is stale.

    Args:
        results: the folder of records, as `visreason publish` writes them.
        docs: where the pages lie.
        check: write nothing; fail if a page is not what the records say.

    Example:
        visreason ledger --check
    """
    from visreason.errors import UsageError
    from visreason.zoo.ledger import Ledger, draw_pages, stale_pages

    known = Ledger.read(results)
    if check:
        stale = stale_pages(known, docs)
        if stale:
            raise UsageError(
                f"{', '.join(map(str, stale))} are not what {results} says. Run `visreason ledger`."
            )
        print(f"{docs} is what {results} says.")
        return
    drawn = draw_pages(known, docs)
    print("drew " + ", ".join(map(str, drawn)) if drawn else f"{docs} was up to date.")
