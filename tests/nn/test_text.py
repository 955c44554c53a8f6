import pytest
import torch

from visreason.errors import ModelError
from visreason.nn.text import BagEncoder, TextEncoder, order_tokens, read_words


@pytest.fixture
def encoder() -> TextEncoder:
    torch.manual_seed(0)
    return TextEncoder(vocabulary_size=9, word_size=4, hidden=6)


def test_a_question_is_read_the_same_whatever_stands_beside_it(encoder):
    alone = encoder(torch.tensor([[4, 5]]), torch.tensor([2]))
    tokens = torch.tensor([[4, 5, 0, 0, 0], [1, 2, 3, 4, 5]])
    assert torch.allclose(encoder(tokens, torch.tensor([2, 5]))[0], alone[0], atol=1e-6)


def test_words_are_read_from_last_to_first(encoder):
    forwards = TextEncoder(9, 4, 6, reverse=False)
    forwards.load_state_dict(encoder.state_dict())
    tokens, lengths = torch.tensor([[1, 2, 3], [4, 5, 0]]), torch.tensor([3, 2])
    turned = torch.tensor([[3, 2, 1], [5, 4, 0]])
    assert torch.allclose(encoder(tokens, lengths), forwards(turned, lengths))
    assert not torch.allclose(encoder(tokens, lengths), forwards(tokens, lengths))


def test_pad_to_reads_zeros_first_and_equals_the_literal_row(encoder):
    padded = TextEncoder(9, 4, 6, pad_to=6)
    padded.load_state_dict(encoder.state_dict())
    row = torch.tensor([[0, 0, 0, 3, 2, 1]])  # right-padded to 6, then turned round as a whole
    _, (state, _) = encoder.lstm(encoder.embedding(row))
    assert torch.allclose(padded(torch.tensor([[1, 2, 3]]), torch.tensor([3])), state[0], atol=1e-6)


def test_pad_to_does_not_shorten_a_longer_question():
    tokens = torch.tensor([[1, 2, 3, 4]])
    assert order_tokens(tokens, torch.tensor([4]).clamp_min(2), reverse=True).tolist() == [[4, 3, 2, 1]]


def test_the_state_after_every_word_is_that_of_the_question_so_far():
    deep = TextEncoder(9, 4, 6, reverse=False, layers=2)
    tokens, lengths = torch.tensor([[1, 2, 3], [4, 5, 0]]), torch.tensor([3, 2])
    states, read = deep.states(tokens, lengths)
    assert read.tolist() == [3, 2]
    for words in (1, 2):
        assert torch.allclose(states[:, words - 1], deep(tokens, torch.tensor([words, words])), atol=1e-6)
    assert torch.allclose(deep(tokens, lengths), torch.stack([states[0, 2], states[1, 1]]), atol=1e-6)


def test_a_question_without_words_is_refused(encoder):
    with pytest.raises(ModelError, match="no words"):
        encoder(torch.tensor([[1], [0]]), torch.tensor([1, 0]))


def test_bag_ignores_order_and_padding():
    bag = BagEncoder(9, 4)
    one, other = bag(torch.tensor([[1, 2, 0, 0], [2, 1, 0, 0]]), torch.tensor([2, 2]))
    assert torch.allclose(one, other)
    assert torch.allclose(one, bag.embedding.weight[1:3].mean(0))


def test_a_gru_has_a_quarter_fewer_weights_and_reads_every_question_to_its_end():
    tokens, lengths = torch.tensor([[3, 1, 2], [4, 5, 0]]), torch.tensor([3, 2])
    sizes = []
    for cell in ("lstm", "gru"):
        encoder = TextEncoder(9, 4, 6, cell=cell, layers=2)
        alone = encoder(tokens[1:, :2], lengths[1:])
        torch.testing.assert_close(encoder(tokens, lengths)[1:], alone)
        sizes.append(sum(one.numel() for one in encoder.lstm.parameters()))
    assert sizes[1] == 0.75 * sizes[0]


def test_a_gru_reads_the_same_in_training_and_after():
    torch.manual_seed(0)
    encoder = TextEncoder(9, 4, 6, cell="gru", layers=2).double()
    tokens, lengths = torch.tensor([[3, 1, 0, 0], [4, 5, 2, 7], [6, 0, 0, 0]]), torch.tensor([2, 4, 1])
    trained, _ = encoder.states(tokens, lengths)
    with torch.no_grad():
        states, _ = encoder.states(tokens, lengths)
    inside = (torch.arange(4) < lengths[:, None])[:, :, None]
    torch.testing.assert_close(states, trained * inside, rtol=1e-12, atol=1e-12)
    assert not states.masked_select(~inside).any()  # so it was packed


@pytest.mark.parametrize("layers", [1, 2])
def test_reading_words_once_equals_reading_every_token(layers):
    torch.manual_seed(0)
    embedding = torch.nn.Embedding(9, 5).double()
    network = torch.nn.LSTM(5, 3, layers, batch_first=True).double()
    tokens = torch.tensor([[7, 1, 1, 4], [4, 7, 7, 1]])  # three words, and five numbers a word
    weights, embedded = [*embedding.parameters(), *network.parameters()], []
    embedding.register_forward_hook(lambda _, inputs, output: embedded.append(inputs[0].numel()))
    forms = (read_words(network, embedding, tokens), network(embedding(tokens))[0])
    found = [[states, *torch.autograd.grad(states.sin().sum(), weights)] for states in forms]
    for ours, expected in zip(*found, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-10, atol=1e-12)
    assert embedded == [3, 8]
