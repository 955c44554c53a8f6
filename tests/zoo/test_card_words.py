from visreason.zoo.card_words import limits_of, use_of
from visreason.zoo.record import Record


def test_limits_say_what_the_record_shows(record: Record) -> None:
    told = " ".join(limits_of(record))
    assert "objects=3-5" in told
    assert "30 of 350 planned epochs" in told
    assert "below the goal of 97.9" in told
    assert "3.5 points worse than on generated" in told
    assert "Weakest at count (81.0" in told
    assert "from a description of the scene" in use_of(record)
