import pytest
import torch

from visreason.nn.table_reader import TableReader


@pytest.fixture(params=[torch.nn.LSTM, torch.nn.GRU])
def network(request):
    torch.manual_seed(0)
    return request.param(12, 3, 2, batch_first=True).double()


@pytest.fixture
def given():
    """Two tables, of seven rows together, and six places in them."""
    tables = [torch.randn(4, 5), torch.randn(3, 7)]
    rows = [torch.tensor([[0, 3, 3], [1, 1, 2]]), torch.tensor([[2, 2, 0], [1, 1, 1]])]
    return [table.double().requires_grad_() for table in tables], rows


def by_the_book(network, tables, rows, state=None):
    return network(torch.cat([table[row] for table, row in zip(tables, rows, strict=True)], dim=2), state)


def test_states_and_gradients_are_those_of_the_inputs_themselves(network, given):
    tables, rows = given
    reader = TableReader(network, tables)
    assert reader.pays
    weights, found = [*tables, *network.parameters()], []
    for states, _ in (reader.read(rows), by_the_book(network, tables, rows)):
        found.append([states, *torch.autograd.grad(states.sin().sum(), weights)])
    for ours, expected in zip(*found, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-9, atol=1e-12)


def test_reading_goes_on_from_a_state(network, given):
    tables, rows = given
    reader = TableReader(network, tables)
    with torch.no_grad():
        first, state = reader.read([row[:, :1] for row in rows])
        rest, last = reader.read([row[:, 1:] for row in rows], state)
        states, expected = by_the_book(network, tables, rows)
    torch.testing.assert_close(torch.cat([first, rest], dim=1), states)
    torch.testing.assert_close(last, expected)


def test_tables_of_as_many_rows_as_an_input_has_numbers_are_read_themselves(network, given):
    tables, rows = given
    tables = [torch.cat([tables[0], tables[0], tables[0][:1]]), tables[1]]
    reader = TableReader(network, tables)
    assert not reader.pays
    torch.testing.assert_close(reader.read(rows)[0], by_the_book(network, tables, rows)[0])


def test_half_precision_is_left_to_the_network(given):
    network, (tables, rows) = torch.nn.LSTM(12, 3, batch_first=True), given
    tables = [table.detach().float() for table in tables]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        reader = TableReader(network, tables)
        assert not reader.pays
        assert reader.read(rows)[0].dtype == by_the_book(network, tables, rows)[0].dtype
