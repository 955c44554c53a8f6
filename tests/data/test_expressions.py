"""Expressions as samples, beside questions and in pairs with them."""

import json

import numpy as np
import pytest
import torch

from visreason.clevr.folder import ClevrFolder
from visreason.data.dataset import ClevrQuestions
from visreason.data.expressions import (
    ClevrExpressions,
    PairCollate,
    Pairs,
    QuestionsAndExpressions,
    with_expression_words,
)
from visreason.data.inputs import BlindView
from visreason.data.samples import collate
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.nn.referents import NO_OBJECTS


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    split = WorldSplit(
        "train", 4, questions_per_scene=3, refexps_per_scene=2, image_size=(48, 32), images=False
    )
    return generate_world(tmp_path_factory.mktemp("world"), split, jobs=1).folder


@pytest.fixture
def expressions(folder):
    return ClevrExpressions(folder, "train", CLEVR_VOCABULARY, BlindView(), layout_steps=9)


@pytest.fixture
def questions(folder):
    return ClevrQuestions(folder, "train", CLEVR_VOCABULARY, BlindView(), layout_steps=9)


def test_a_batch_of_expressions_has_boxes_and_layouts_and_no_answers(expressions):
    batch = collate([expressions[row] for row in range(3)])
    assert batch.answers is None
    assert batch.boxes.tolist() == expressions.table.box_Q4[:3].tolist()
    assert batch.layouts.shape == (3, 9)
    assert expressions.frame == (32, 48)


def test_layouts_are_cut_to_the_networks_steps_and_left_out_where_nobody_asks(folder, expressions):
    short, none = (
        ClevrExpressions(folder, "train", CLEVR_VOCABULARY, BlindView(), layout_steps=steps)
        for steps in (2, None)
    )
    longest = max(range(len(expressions)), key=lambda row: len(expressions.layout(row)))
    assert len(expressions.layout(longest)) > 2
    assert short[longest].layout.tolist() == [expressions.layout(longest)[0], -1]
    assert none[longest].layout is None


def test_questions_come_before_expressions(questions, expressions):
    both = QuestionsAndExpressions(questions, expressions)
    assert len(both) == 12 + 8
    assert both[11].box is None
    assert both[12].box is not None
    batch = collate([both[11], both[12]])
    assert batch.boxes[0].isnan().all()
    assert batch.answers.tolist()[1] == -1
    assert batch.answers.tolist()[0] >= 0


def test_what_there_is_less_of_goes_round_again(questions, expressions):
    pairs = Pairs(questions, expressions, np.arange(14) % 8)
    assert len(pairs) == 14
    assert [pairs[row][0].row for row in (0, 11, 12, 13)] == [0, 11, 0, 1]
    assert [pairs[row][1].row for row in (0, 7, 8, 13)] == [0, 7, 0, 5]
    with pytest.raises(IndexError):
        pairs[14]


def test_questions_of_pairs_come_before_their_expressions(questions, expressions):
    pairs = Pairs(questions, expressions, np.array([3, 1]))
    batch = PairCollate(collate)([pairs[0], pairs[1]])
    assert batch.boxes.isnan().any(dim=1).tolist() == [True, True, False, False]
    assert torch.equal(PairCollate(collate)([questions[0]]).tokens, collate([questions[0]]).tokens)


def test_images_of_their_own_are_looked_for_in_their_own_folder(tmp_path, expressions):
    looked = []

    class Watching(BlindView):
        def check(self, folder, split, subjects):
            looked.append(split)

    record = {"question": "The ball", "image_filename": "CLEVR_loc_val_000001.png", "bbox": [1, 1, 5, 5]}
    path = ClevrFolder(tmp_path).referring_file("val")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"info": {}, "questions": [record]}))
    own = ClevrExpressions(ClevrFolder(tmp_path), "val", CLEVR_VOCABULARY, Watching())
    assert looked == ["loc_val"]
    assert own[0].subject != own[0].image_index  # a question may be about another image of that number
    assert expressions[0].subject == expressions[0].image_index


def test_new_words_join_the_vocabulary(tmp_path):
    record = {"question": "The violet ball", "image_filename": "a.png", "bbox": [1, 1, 5, 5]}
    path = tmp_path / "CLEVR_loc_val_questions.json"
    path.write_text(json.dumps({"info": {}, "questions": [record]}))
    found = with_expression_words(CLEVR_VOCABULARY, path)
    assert found.words == (*CLEVR_VOCABULARY.words, "violet")
    assert found.answers == CLEVR_VOCABULARY.answers


def test_a_step_stands_for_the_objects_that_its_functions_give(folder):
    expressions = ClevrExpressions(
        folder, "train", CLEVR_VOCABULARY, BlindView(), layout_steps=9, referents=True
    )
    for row in range(len(expressions)):
        one = expressions[row]
        last = len(expressions.layout(row)) - 1
        assert bin(one.referents[last]).count("1") == 1  # what is referred to
        assert (one.referents[last + 1 :] == NO_OBJECTS).all()
        meant = int(one.referents[last]).bit_length() - 1
        x, y = one.places[meant] * (48, 32)
        left, upper, width, height = one.box
        assert left - 2 <= x <= left + width + 2  # what hides it may have cut its box
        assert upper - 2 <= y <= upper + height + 2
    assert (
        ClevrExpressions(folder, "train", CLEVR_VOCABULARY, BlindView(), layout_steps=9)[0].referents is None
    )
