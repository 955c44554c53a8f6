"""A small noun file in WordNet's format, written by the tests."""

from pathlib import Path

LICENCE = "  1 This is not WordNet, but looks like it.  \n"

NOUNS: dict[str, tuple[int, list[str], list[tuple[str, str]]]] = {
    "entity": (3, ["entity"], []),
    "object": (3, ["physical_object", "object"], [("@", "entity")]),
    "person": (3, ["person"], [("@", "object")]),
    "vehicle": (6, ["vehicle"], [("@", "object"), ("%p", "wheel")]),
    "wheel": (6, ["wheel"], [("@", "object")]),
    "motor_vehicle": (6, ["motor_vehicle"], [("@", "vehicle"), ("%p", "windshield")]),
    "windshield": (6, ["windshield"], [("@", "object")]),
    "car": (6, ["car", "auto", "automobile"], [("@", "motor_vehicle")]),
    "truck": (6, ["truck", "lorry"], [("@", "motor_vehicle")]),
    "cable_car": (6, ["cable_car", "car"], [("@", "object")]),
    "pressman": (18, ["printer", "pressman"], [("@", "person")]),
    "machine": (6, ["printer"], [("@", "object")]),
    "man": (18, ["man"], [("@", "person")]),
    "chessman": (6, ["man"], [("@", "object")]),
    "crane_poet": (18, ["crane"], [("@i", "person")]),
    "crane": (6, ["crane"], [("@", "object")]),
    "light_idea": (3, ["light"], [("@", "entity")]),
    "light": (6, ["light"], [("@", "object")]),
    "leaf": (20, ["leaf"], [("@", "object")]),
    "truth": (3, ["truth"], [("@", "entity")]),
}
"""Number of the file, lemmas and pointers of each synset; the order is that of the senses."""

TAGGED = {"man": 1}
"""How many senses of a lemma are found in tagged texts."""


def write_wordnet(folder: Path) -> Path:
    """Write `data.noun`, `index.noun` and `noun.exc`."""
    folder.mkdir(parents=True, exist_ok=True)
    offsets: dict[str, int] = dict.fromkeys(NOUNS, 0)
    for _ in range(2):  # numbers have eight digits, so that the second time all offsets are right
        text = LICENCE
        for name, (file, lemmas, pointers) in NOUNS.items():
            offsets[name] = len(text.encode())
            words = " ".join(f"{lemma} 0" for lemma in lemmas)
            links = "".join(f" {symbol} {offsets[other]:08d} n 0000" for symbol, other in pointers)
            text += f"{offsets[name]:08d} {file:02d} n {len(lemmas):02x} {words} "
            text += f"{len(pointers):03d}{links} | a gloss  \n"
    (folder / "data.noun").write_text(text)
    senses: dict[str, list[int]] = {}
    for name, (_, lemmas, _) in NOUNS.items():
        for lemma in lemmas:
            senses.setdefault(lemma, []).append(offsets[name])
    lines = [
        f"{lemma} n {len(own)} 1 @ {len(own)} {TAGGED.get(lemma, 0)} {' '.join(f'{one:08d}' for one in own)}  \n"
        for lemma, own in sorted(senses.items())
    ]
    (folder / "index.noun").write_text(LICENCE + "".join(lines))
    (folder / "noun.exc").write_text("leaves leaf\nmen man\n")
    return folder
