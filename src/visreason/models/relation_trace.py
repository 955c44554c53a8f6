"""Why a Relation Network answered as it did: which pairs of objects, and which words, drove the answer.

Both are measured on the log-odds of the answer, `log p / (1 - p)`, so that what speaks for an answer must
speak against its rivals too: a pair that raises every answer's score alike counts for nothing.

Shape legend: B questions, N objects, Q question size, G pair network's width, A answers, T words.
"""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from visreason.models.output import likeliest
from visreason.nn.batch import Batch
from visreason.nn.coordinates import cell_anchors
from visreason.trace.schema import Places, Step, Trace, numbers, table

if TYPE_CHECKING:
    from visreason.models.relation_network import RelationNetwork


def pair_contributions(
    model: "RelationNetwork", objects_NC: Tensor, question_Q: Tensor, relations_G: Tensor, logits_A: Tensor
) -> Tensor:
    """How much each ordered pair adds to the log-odds of the likeliest answer a, `[N, N]`.

    ```
    contribution(i, j) = d log(p_a / (1 - p_a)) / d s . a_ij g(i, j)
                       = (d z_a / d s - sum_{b != a} p_b / (1 - p_a) d z_b / d s) . a_ij g(i, j)
    ```

    with s the (weighted) sum over pairs and z the scores: gradient times activation. The head is piecewise linear in s,
    so the contributions add up to the margin between the answer's score and its rivals' (weighted by their
    probabilities), but for a constant in which no pair has a part. On that linear piece it is an exact share.

    Args:
        model: the network.
        objects_NC: the objects of one question.
        question_Q: the encoded question.
        relations_G: the sum over its pairs.
        logits_A: what it answered.
    """
    answer = logits_A.argmax()
    rivals_A = logits_A.float().index_fill(0, answer, float("-inf")).softmax(dim=0)
    direction_A = -rivals_A.index_fill(0, answer, -1.0)
    joined_1Q = question_Q[None].float() if model.late else None
    slope_G = model.head.slope(relations_G[None].float(), direction_A[None], joined_1Q)[0]
    states_NNG = model.relations.states(objects_NC[None].float(), question_Q[None].float())[0]
    share_NN: Tensor = states_NNG @ slope_G
    weights_NN = model.relations.weights_of(len(objects_NC))
    if weights_NN is not None:
        share_NN = share_NN * weights_NN
    return share_NN / objects_NC.shape[0] ** 2 if model.config.aggregation == "mean" else share_NN


def word_contributions(
    model: "RelationNetwork", tokens_T: Tensor, objects_NC: Tensor, logits_A: Tensor
) -> Tensor | None:
    """By how much each word raises the log-odds of the likeliest answer, `[T]`; None for a single word.

    ```
    contribution(t) = log-odds(answer | all words) - log-odds(answer | all words but t)
    ```

    Args:
        model: the network.
        tokens_T: the question, without padding.
        objects_NC: its objects.
        logits_A: the scores with all words.
    """
    count = len(tokens_T)
    if count < 2:
        return None
    others_TT = (
        torch.arange(count).expand(count, -1)[~torch.eye(count, dtype=torch.bool)].view(count, count - 1)
    )
    question_TQ = model.text(tokens_T[others_TT.to(tokens_T.device)], torch.full((count,), count - 1))
    if model.late:  # the words do not change what the pairs are
        relations_TG = model.relations(objects_NC[None], question_TQ[:1]).expand(count, -1)
    else:
        relations_TG = model.relations(objects_NC.expand(count, -1, -1), question_TQ)
    logits_TA = model.judge(relations_TG, question_TQ)
    answer = logits_A.argmax()
    return log_odds(logits_A[None], answer) - log_odds(logits_TA, answer)


def log_odds(logits_BA: Tensor, answer: Tensor) -> Tensor:
    """`log p / (1 - p)` of one answer, `[B]`.

    Example:
        >>> round(log_odds(torch.tensor([[1.0, 0.0]]), torch.tensor(0)).item(), 4)
        1.0
    """
    rivals_BA = logits_BA.float().index_fill(1, answer, float("-inf"))
    return logits_BA.float()[:, answer] - rivals_BA.logsumexp(dim=1)


def explain(
    model: "RelationNetwork",
    batch: Batch,
    question_BQ: Tensor,
    relations_BG: Tensor,
    logits_BA: Tensor,
) -> list[Trace]:
    """One trace a question: the words' part, the pairs' part, the likeliest answers.

    Padded objects are left out even by networks that take them for objects.
    """
    objects_BNC, _ = model.objects(batch)
    anchors, size, cells = _anchors(model, batch)
    attended_BN = model.attended(batch)
    traces = []
    for one, answers in enumerate(likeliest(logits_BA)):
        present = slice(None) if batch.object_mask is None or model.cnn else batch.object_mask[one]
        objects_NC = objects_BNC[one, present]
        share_NN = pair_contributions(model, objects_NC, question_BQ[one], relations_BG[one], logits_BA[one])
        everything = (
            objects_BNC[one] if batch.object_mask is None or not model.config.mask_objects else objects_NC
        )
        words_T = word_contributions(
            model, batch.tokens[one, : int(batch.lengths[one])], everything, logits_BA[one]
        )
        steps = (
            Step(name="question", text_attention=None if words_T is None else numbers(words_T.tolist())),
            Step(
                name="relations",
                regions=numbers(((share_NN.sum(dim=0) + share_NN.sum(dim=1)) / 2).tolist()),
                pairs=table(share_NN.tolist()),
                cells=cells if attended_BN is None else None,
                anchors=anchors
                if attended_BN is None or anchors is None
                else _those(anchors, attended_BN[one]),
            ),
        )
        traces.append(Trace(family="relation-network", steps=steps, size=size, answers=answers))
    return traces


def _anchors(
    model: "RelationNetwork", batch: Batch
) -> tuple[Places | None, tuple[float, float] | None, tuple[int, int] | None]:
    """Where the cells lie on the image, its size, and rows and columns; unknown for state descriptions.

    Cells that attention chooses are taught to hold the centres of objects, and so lie at their own centres.
    """
    if model.cnn is None or batch.images is None:
        return None, None, None
    height, width = batch.images.shape[2:]
    stride = model.cnn.stride
    cells = (-(-height // stride), -(-width // stride))
    aside = stride / 2 - 0.5 if model.attention is not None else 0.0
    places = tuple((x + aside, y + aside) for x, y in cell_anchors(*cells, stride))
    return places, (float(width), float(height)), cells


def _those(anchors: Places, chosen_N: Tensor) -> Places:
    """The anchors of some cells."""
    return tuple(anchors[one] for one in chosen_N.tolist())
