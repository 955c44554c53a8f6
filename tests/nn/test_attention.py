import torch

from visreason.nn.attention import CellAttention


def test_follows_the_papers_formula():
    torch.manual_seed(0)
    attention = CellAttention(size=4, query=3, hidden=5).double()
    values, query = torch.randn(2, 6, 4).double(), torch.randn(2, 3).double()
    attended, weights = attention(values, attention.keys(values), query)
    for row in range(2):
        scores = torch.stack(
            [
                attention.weight(torch.tanh(attention.value(cell) + attention.query(query[row])))[0]
                for cell in values[row]
            ]
        )
        shares = scores.exp() / scores.exp().sum()
        torch.testing.assert_close(weights[row], shares)
        torch.testing.assert_close(attended[row], (shares[:, None] * values[row]).sum(0))
