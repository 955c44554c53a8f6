from pathlib import Path

import pytest

from visreason.clevr.captions_file import caption_to_json, iter_captions
from visreason.clevr.executor import execute
from visreason.clevr.questions import QuestionEngine, caption_templates
from visreason.clevr.records import write_records
from visreason.clevr.scene import Scene
from visreason.errors import DataError


def test_there_and_back(made_scenes: list[Scene], tmp_path: Path) -> None:
    captions = list(QuestionEngine(caption_templates()).generate(made_scenes[:5], 3))
    path = tmp_path / "CLEVR_val_captions.json"
    assert write_records(path, "captions", map(caption_to_json, captions), {}) == 15
    assert list(iter_captions(path)) == captions
    first = caption_to_json(captions[0])
    assert {"caption", "caption_index", "caption_family_index", "program"} <= first.keys()
    assert not {"question", "answer"} & first.keys()
    for caption in iter_captions(path):
        assert caption.program is not None
        assert execute(caption.program, made_scenes[caption.image_index]) == "yes"


@pytest.mark.parametrize(
    "record", [{"question": "There is a ball"}, "There is a ball", {"caption": "A ball"}]
)
def test_a_malformed_record_is_an_error(record: object, tmp_path: Path) -> None:
    path = tmp_path / "captions.json"
    write_records(path, "captions", [record], {})
    with pytest.raises(DataError, match=f"{path}: caption 0"):
        list(iter_captions(path))
