"""`visreason ask`: one question, one answer, and why."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from visreason.tasks.asked_program import AskedProgram
    from visreason.trace.schema import Trace


def ask(
    model: str,
    image: Path,
    question: str,
    *,
    top: int = 5,
    scene: Path | None = None,
    explain: Path | None = None,
    weights: Path | None = None,
    json: bool = False,
) -> None:
    """Ask a model a question about an image, and let it show how it came to its answer.

    Args:
        model: a run, a checkpoint, a .safetensors file, or the name of a shipped model.
        image: the image. A model that reads scene descriptions finds the scene by its name, and then the file
            itself need not exist.
        question: in the words that the model knows. A model that executes programs but writes none is given the
            program that our parser makes of it.
        top: how many answers with their probabilities.
        scene: JSON with the image's scene, or a scenes file that holds it; by default the scenes of the data
            folder that the image lies in.
        explain: draw the reasoning into this .png or .html file.
        weights: for a model that reads a backbone's features: the file of the backbone's weights.
        json: print an object with the keys answer, top and trace, and program if the model writes or executes one.

    Example:
        visreason ask runs/rn-quick CLEVR_v1.0/images/val/CLEVR_val_000000.png "How many red cubes are there?"
    """
    from visreason.cli.tables import print_json, print_table
    from visreason.data.images import load_image
    from visreason.tasks.asking import ask_model, find_scene, known_scene, picture_of
    from visreason.tasks.loading import load_any
    from visreason.tasks.recipes.task_kinds import ENGINES
    from visreason.tasks.starting_weights import generator_of
    from visreason.trace.drawing import check_format, draw_trace

    if explain is not None:
        check_format(explain)
    asked = load_any(model)
    reads = asked.meta.get("inputs", {}).get("kind")
    if weights is not None:
        asked.meta["inputs"] = asked.meta["inputs"] | {"weights": str(weights)}
    described = find_scene(image, scene) if reads == "state" else None
    if generator_of(asked.model) is not None or asked.family in ENGINES:
        described = known_scene(image, scene)
    pixels = load_image(image) if reads in ("pixels", "features") or image.is_file() else None
    answer = ask_model(asked, question, image=pixels, scene=described, top=top)
    if explain is not None:
        if pixels is None and described is not None:
            pixels = picture_of(described)
        draw_trace(answer.trace, explain, pixels)
    if json:
        print_json(answer.to_dict())
        return
    if answer.top:
        rows = [[word, f"{100 * p:.1f} %"] for word, p in answer.top]
        print_table(["answer", "probability"], rows, right=["probability"])
    if answer.program is not None:
        _print_program(answer.program, answer.trace)
    if explain is not None:
        print(f"the reasoning: {explain}")


def _print_program(program: "AskedProgram", trace: "Trace") -> None:
    """Print a program as a tree from its root down: how sure each step was, and what the oracle finds there."""
    from visreason.cli.tables import print_table
    from visreason.tasks.asked_program import tree_lines

    if program.author == "parser":
        print("the program is the parser's; the model executes it")
    if program.fault is not None:
        print(f"not a program of CLEVR: {program.fault}")
    columns = ["program", "probability", "the oracle finds"]
    rows = [
        [text, "" if step.weight is None else f"{100 * step.weight:.1f} %", step.truth or ""]
        for text, step in tree_lines(trace.steps)
    ]
    known = 3 if any(step.truth for step in trace.steps) else 2
    print_table(columns[:known], [row[:known] for row in rows], right=["probability"])
    if program.oracle is not None:
        print(f"the oracle's answer by this program: {program.oracle}")
