from visreason.data.check import Check, Problems


def test_the_first_faults_are_said_and_all_are_kept() -> None:
    problems = Problems()
    for number in range(1200):
        problems.add(f"fault {number}")
    check = problems.check("things", "1,200")
    assert check.status == "broken"
    assert check.found == "fault 0; fault 1; fault 2; fault 3; fault 4 and 1,195 more"
    assert len(check.problems) == 1000


def test_nothing_wrong_is_ok() -> None:
    assert Problems().check("things", "3") == Check("things", "ok", "3", ())
