"""`visreason search`: the images of an index that are most like an image, or like a described scene."""

from pathlib import Path


def search(
    index: Path,
    *,
    image: Path | None = None,
    scene: str | None = None,
    k: int = 10,
    draws: int = 4,
    seed: int = 0,
    model: str | None = None,
    sheet: Path | None = None,
    device: str | None = None,
    json: bool = False,
) -> None:
    """Find the images of an index that are most like an image, or like a scene that is described.

    A described scene is built and its picture drawn, several times, each time drawing anew what was not said; what is
    searched for is the mean of these pictures' features. The description is of the whole scene: images with few other
    things come first.

    Args:
        index: a folder that `visreason index` made.
        image: search by this image.
        scene: search by a description: words such as "red metal cube left of large sphere; blue cylinder", or a JSON
            file with a scene.
        k: how many images.
        draws: how many scenes to draw from a description.
        seed: decides what a description leaves open: attributes, places, rotations.
        model: where the index's model is now, if it moved.
        sheet: draw query and results into this .png file.
        device: cpu or cuda; by default a GPU where there is one.
        json: print an object with the keys query, scene (of a description, the first that was drawn) and results.

    Example:
        visreason search ir-index --scene "red metal cube left of large sphere; blue cylinder" --sheet found.png
    """
    from visreason.clevr.scene import scene_to_json
    from visreason.cli.tables import print_json, print_table
    from visreason.errors import UsageError
    from visreason.retrieval.extractor import extractor_of
    from visreason.retrieval.index_folder import RetrievalIndex
    from visreason.retrieval.query import image_feature, read_scenes, scene_feature
    from visreason.retrieval.results import pictures, ranking
    from visreason.retrieval.sheet import Row, Tile, check_sheet, draw_sheet

    if (image is None) == (scene is None):
        raise UsageError("give either --image FILE or --scene DESCRIPTION.")
    if sheet is not None:
        check_sheet(sheet)
    described = None if scene is None else read_scenes(scene, seed, draws)
    opened = RetrievalIndex.open(index)
    extract = extractor_of(opened.settings, model=model, device=device)
    if described is not None:
        vector_1D, picture = scene_feature(extract, described)
    else:
        assert image is not None
        vector_1D, picture = image_feature(extract, image)
    numbers_1k, distances_1k = opened.search(vector_1D, k)
    found = ranking(opened, numbers_1k[0], distances_1k[0])
    query = str(image) if scene is None else scene
    if sheet is not None:
        seen = pictures(opened, [one.number for one in found])
        tiles = [Tile(seen.get(one.number), one.name, f"{one.distance:.3f}") for one in found]
        told = f"{len(found)} nearest of {len(opened):,}, by distance"
        shown = Tile(picture, "the first scene drawn" if image is None else image.name)
        draw_sheet(sheet, shown, [Row(told, tiles)], scene or "")
    if json:
        results = [
            {"rank": place, "number": one.number, "image": one.name, "distance": one.distance}
            for place, one in enumerate(found, 1)
        ]
        extra = {} if described is None else {"scene": scene_to_json(described[0])}
        print_json({"query": query, **extra, "results": results})
        return
    rows = [[str(place), one.name, f"{one.distance:.4f}"] for place, one in enumerate(found, 1)]
    print_table(["rank", "image", "distance"], rows, right=["rank", "distance"])
    if sheet is not None:
        print(f"the sheet: {sheet}")
