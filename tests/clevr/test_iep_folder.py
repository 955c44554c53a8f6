from pathlib import Path

from visreason.clevr.iep_folder import IepFolder


def test_the_files_of_a_split(tmp_path: Path) -> None:
    folder = IepFolder(tmp_path)
    assert folder.splits() == ()
    for name in ("val_questions.h5", "train_questions.h5", "train_features.h5", "vocab.json"):
        (tmp_path / name).touch()
    assert folder.splits() == ("train", "val")
    assert folder.questions_file("val").is_file()
    assert folder.features_file("train").is_file()
    assert not folder.features_file("val").exists()
    assert repr(folder).startswith("IepFolder(")
