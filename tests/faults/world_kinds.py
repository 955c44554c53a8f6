"""The kinds of files about worlds and regions."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.io import savemat
from tests.data.wordnet_files import write_wordnet
from tests.faults.kinds import Kind

from visreason.clevr.captions_file import iter_captions
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.iep_folder import IepFolder
from visreason.clevr.questions import folder as templates
from visreason.clevr.questions_file import iter_questions
from visreason.clevr.referring_file import iter_expressions
from visreason.clevr.sampling import scene_rng
from visreason.clevr.scenes_file import iter_scenes
from visreason.data.class_vectors import file_vectors
from visreason.data.iep_export import export_questions, vocabulary_of_questions
from visreason.data.iep_questions import open_iep_questions
from visreason.data.images import load_image, load_mask
from visreason.data.knowledge import read_knowledge
from visreason.data.question_table import QuestionTable, open_question_table
from visreason.data.regions.ade2016 import read_attributes
from visreason.data.regions.box_file import read_box_file
from visreason.data.regions.class_list import read_class_list
from visreason.data.regions.folder import read_regions
from visreason.data.regions.matlab_index import read_index
from visreason.data.relationships import stated_relations
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.data.wordnet import WordNet
from visreason.data.world import generate_world
from visreason.data.world_check import check_data
from visreason.data.world_split import WorldSplit
from visreason.files import write_json
from visreason.retrieval.query import read_scenes
from visreason.sort_of_clevr.arrays import read_arrays, to_arrays, write_arrays
from visreason.sort_of_clevr.folder import iter_flat_scenes, write_flat_scenes
from visreason.sort_of_clevr.questions import choose_questions
from visreason.sort_of_clevr.scene import draw_flat_scene, sample_flat_scene

CLASSES = ("__background__", "cup", "table")


def worlds(folder: Path, cache: Path) -> list[Kind]:
    """Scenes and texts, plain and packed, the manifest, prepared tables, templates.

    Args:
        folder: for the samples.
        cache: where prepared tables are kept.
    """
    settings = {"questions_per_scene": 3, "refexps_per_scene": 1, "captions_per_scene": 1, "images": False}
    world = generate_world(folder / "world", WorldSplit("val", 2, **settings), jobs=1).folder
    packed = generate_world(folder / "packed", WorldSplit("val", 2, **settings), jobs=1, compress=True).folder
    scenes, questions = world.scenes_file("val"), world.questions_file("val")
    one = folder / "scene.json"
    write_json(one, json.loads(scenes.read_bytes())["scenes"][0])
    own = Path(templates.__file__).with_name("templates")
    asked = Path(shutil.copytree(own, folder / "templates")) / "one_hop.json"
    open_question_table(questions, CLEVR_VOCABULARY)
    (table,) = (cache / "prepared").iterdir()
    return [
        Kind("scenes", scenes, lambda: list(iter_scenes(scenes))),
        Kind("questions", questions, lambda: list(iter_questions(questions))),
        Kind(
            "expressions",
            world.referring_file("val"),
            lambda: list(iter_expressions(world.referring_file("val"))),
        ),
        Kind("captions", world.captions_file("val"), lambda: list(iter_captions(world.captions_file("val")))),
        Kind(
            "packed scenes",
            packed.scenes_file("val"),
            lambda: list(iter_scenes(packed.scenes_file("val"))),
            True,
        ),
        Kind("world.json", world.root / "world.json", lambda: list(check_data(world.root))),
        Kind("checksums", world.root / "checksums/CLEVR_val.sha256", lambda: list(check_data(world.root))),
        Kind("one scene", one, lambda: read_scenes(str(one))),
        Kind("templates", asked, lambda: templates.read_templates(asked.parent)),
        Kind("synonyms", asked.with_name("synonyms.json"), lambda: templates.read_templates(asked.parent)),
        Kind("metadata", asked.with_name("metadata.json"), lambda: templates.read_templates(asked.parent)),
        Kind(
            "table",
            table / "words_T.npy",
            lambda: _rows(open_question_table(questions, CLEVR_VOCABULARY)),
            True,
        ),
        Kind(
            "notes",
            table / "manifest.json",
            lambda: _rows(open_question_table(questions, CLEVR_VOCABULARY)),
            True,
        ),
        *_flat(folder),
        *_iep(folder, world),
    ]


def _rows(table: QuestionTable) -> object:
    """All that a table of questions says."""
    arrays = {name: array.tobytes() for name, array in table.prepared.arrays.items()}
    return arrays, table.images, table.types


def _flat(folder: Path) -> list[Kind]:
    """Sort-of-CLEVR's scenes and arrays."""
    scenes = [sample_flat_scene(scene_rng(0, "val", i), i, "val") for i in range(2)]
    asked = [choose_questions(scene, np.random.default_rng(0), 4) for scene in scenes]
    arrays, listed = folder / "arrays.npz", folder / "sort_of_clevr_val_scenes.json"
    write_arrays(arrays, to_arrays([draw_flat_scene(scene) for scene in scenes], asked))
    write_flat_scenes(listed, scenes, "val")
    return [
        Kind(
            "Sort-of-CLEVR arrays", arrays, lambda: [read_arrays(arrays).questions(i) for i in range(2)], True
        ),
        Kind("Sort-of-CLEVR scenes", listed, lambda: list(iter_flat_scenes(listed))),
    ]


def _iep(folder: Path, world: ClevrFolder) -> list[Kind]:
    """clevr-iep's questions in HDF5 and their vocabulary."""
    made = IepFolder(folder / "iep")
    vocabulary = vocabulary_of_questions(world.questions_file("val"))
    questions, words = made.questions_file("val"), made.root / "vocab.json"
    export_questions(world.questions_file("val"), questions, vocabulary)
    write_json(words, vocabulary.to_iep())
    return [
        Kind("questions in HDF5", questions, lambda: _rows(open_iep_questions(questions, vocabulary))),
        Kind("vocab.json", words, lambda: _rows(open_iep_questions(questions, vocabulary))),
    ]


def regions(folder: Path) -> list[Kind]:
    """Annotated regions of every layout, boxes, class lists, knowledge."""
    coco, genome = _coco(folder / "coco"), _genome(folder / "genome")
    boxes, listed = folder / "boxes.csv", folder / "boxes.json"
    boxes.write_text("x,y,w,h,label\n1,2,10,4,cup\n3,3,5,5,\n")
    write_json(listed, [[1, 2, 10, 4], [3, 3, 5, 5]])
    classes = folder / "objectnames.txt"
    classes.write_text("cup\ntable\nwindowpane, window\n")
    graph = folder / "knowledge.json"
    write_json(graph, {"classes": ["cup", "table"], "edges": {"on": [["cup", "table", 2.5]]}})
    vectors = folder / "some.vec"
    vectors.write_text("2 3\ncup 1 2 3\ntable 0.5 0.25 1\n")
    index = folder / "index_ade20k.mat"
    names = {
        "filename": ["a.jpg", "b.jpg"],
        "folder": ["images/a"] * 2,
        "typeset": [1, 2],
        "objectnames": ["-", "cup"],
    }
    savemat(index, {"index": {name: np.array(values, object) for name, values in names.items()}})
    attributes = folder / "a_atr.txt"
    attributes.write_text('001 # 0 # 0 # car, auto # car # "parked, red"\n002 # 1 # 1 # wheel # wheel # ""\n')
    nouns = write_wordnet(folder / "wordnet")
    said, genomes = genome / "relationships.json", read_regions(genome, "train")
    image = coco / "images/train/a.jpg"
    return [
        Kind("COCO", coco / "annotations/instances_train.json", lambda: read_regions(coco, "train").images),
        Kind(
            "Visual Genome's images",
            genome / "image_data.json",
            lambda: read_regions(genome, "train").images,
            named="genome",
        ),
        Kind("Visual Genome's objects", genome / "train.json", lambda: read_regions(genome, "train").images),
        Kind("Visual Genome's relationships", said, lambda: stated_relations(genome, genomes)),
        *_ade(folder / "ade"),
        Kind("ADE20K's index", index, lambda: read_index(index), most=1),
        Kind("ADE20K's attributes", attributes, lambda: read_attributes(attributes)),
        Kind("boxes in CSV", boxes, lambda: read_box_file(boxes, image)),
        Kind("boxes in JSON", listed, lambda: read_box_file(listed, image)),
        Kind("classes", classes, lambda: read_class_list(classes)),
        Kind("knowledge", graph, lambda: read_knowledge(graph)),
        Kind("vectors", vectors, lambda: file_vectors(vectors, CLASSES)),
        Kind("WordNet's data", nouns / "data.noun", lambda: _senses(nouns), named=".noun"),
        Kind("WordNet's index", nouns / "index.noun", lambda: _senses(nouns), named=".noun"),
    ]


def _senses(nouns: Path) -> object:
    net = WordNet(nouns)
    return [[net.ancestors(number) for number in net.senses(word)] for word in ("car", "windshield", "light")]


def _coco(root: Path) -> Path:
    _picture(root / "images/train/a.jpg")
    document = {
        "images": [{"id": 0, "file_name": "a.jpg", "width": 20, "height": 10}],
        "categories": [{"id": 3, "name": "cup"}, {"id": 9, "name": "table"}],
        "annotations": [
            {"id": row, "image_id": 0, "category_id": kind, "bbox": [1, 2, 5, 4]}
            for row, kind in enumerate((3, 9))
        ],
    }
    (root / "annotations").mkdir()
    write_json(root / "annotations/instances_train.json", document)
    return root


def _genome(root: Path) -> Path:
    _picture(root / "images/1.jpg")
    box = {"x": 1, "y": 2, "w": 5, "h": 4}
    objects = [
        {"object_id": row, "synsets": [name], **box} for row, name in enumerate(("cup.n.01", "table.n.02"))
    ]
    ends = {
        "subject": {"object_id": 0, "synsets": ["cup.n.01"]},
        "object": {"object_id": 1, "synsets": ["table.n.02"]},
    }
    statement: dict[str, Any] = {"predicate": "ON", "relationship_id": 1, "synsets": ["along.r.01"], **ends}
    write_json(root / "image_data.json", [{"image_id": 1, "width": 20, "height": 10}])
    write_json(root / "train.json", [{"image_id": 1, "objects": objects}])
    write_json(root / "relationships.json", [{"image_id": 1, "relationships": [statement]}])
    return root


def _ade(root: Path) -> list[Kind]:
    """ADE20K of 2021: annotations, and the mask of an instance."""
    street = root / "images/ADE/training/street"
    _picture(street / "one.jpg", 6, 4)
    mask = np.zeros((4, 6), np.uint8)
    mask[1:3, 2] = 255
    (street / "one").mkdir()
    Image.fromarray(mask).save(street / "one/0.png")
    outline = {"x": [1, 4, 4], "y": [0, 0, 2]}
    known = {"id": 0, "raw_name": "cup", "attributes": [], "polygon": outline, "parts": {"ispartof": []}}
    document = {"annotation": {"imsize": [4, 6, 3], "object": [known | {"instance_mask": "one/0.png"}]}}
    write_json(street / "one.json", document)
    return [
        Kind("ADE20K", street / "one.json", lambda: read_regions(root, "train").images),
        Kind("an instance's mask", street / "one/0.png", lambda: read_regions(root, "train").images),
    ]


def _picture(path: Path, width: int = 20, height: int = 10) -> None:
    path.parent.mkdir(parents=True)
    Image.new("RGB", (width, height), (128, 64, 32)).save(path)


def pictures(folder: Path) -> list[Kind]:
    """Images and masks."""
    pixels = np.random.default_rng(0).integers(0, 255, (12, 16, 3), np.uint8)
    png, jpeg, mask = folder / "a.png", folder / "a.jpg", folder / "mask.png"
    Image.fromarray(pixels).save(png)
    Image.fromarray(pixels).save(jpeg)
    Image.fromarray(pixels[:, :, 0]).save(mask)
    return [
        Kind("PNG", png, lambda: load_image(png).tobytes(), True),
        Kind("JPEG", jpeg, lambda: load_image(jpeg).shape),
        Kind("mask", mask, lambda: load_mask(mask).tobytes(), True),
    ]
