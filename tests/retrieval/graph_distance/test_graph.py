import numpy as np

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.retrieval.graph_distance.graph import EDGES, SceneGraph

SCENE = sample_scene(scene_rng(3, "val", 0), 0, "val")


def test_edges_are_the_scenes_relations() -> None:
    graph = SceneGraph.of(SCENE)
    for edges, name in zip(graph.edges_2NN, EDGES, strict=True):
        for j, standing in enumerate(SCENE.relationships[name]):
            assert np.flatnonzero(edges[:, j]).tolist() == list(standing)


def test_the_other_two_relations_say_nothing_new() -> None:
    graph = SceneGraph.of(SCENE)
    for edges, opposite in zip(graph.edges_2NN, ("left", "behind"), strict=True):
        for j, standing in enumerate(SCENE.relationships[opposite]):
            assert np.flatnonzero(edges[j]).tolist() == list(standing)


def test_attributes_are_numbers_in_their_lists() -> None:
    graph = SceneGraph.of(SCENE)
    for thing, numbers in zip(SCENE.objects, graph.attributes_N4, strict=True):
        words = [values[number] for values, number in zip(ATTRIBUTES.values(), numbers, strict=True)]
        assert words == [thing.size, thing.color, thing.material, thing.shape]


def test_signs_and_the_number_of_relations() -> None:
    graph = SceneGraph.of(SCENE)
    count = len(graph)
    assert graph.relation_count == count * (count - 1)  # every pair has a left and a front one
    assert (graph.signs == -graph.signs.transpose(0, 2, 1)).all()
    assert graph.signs[0, 0, SCENE.relationships["left"][0][0]] == 1


def test_taking_objects_in_another_order() -> None:
    graph = SceneGraph.of(SCENE)
    order = np.arange(len(graph))[::-1]
    turned = graph.take(order)
    assert (turned.attributes_N4[0] == graph.attributes_N4[-1]).all()
    assert (turned.edges_2NN[:, 0, 1] == graph.edges_2NN[:, -1, -2]).all()
    assert turned.to_bytes() != graph.to_bytes() == turned.take(order).to_bytes()
