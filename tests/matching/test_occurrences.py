"""A name is found however it is typed, and nothing else goes with it."""

import pytest

from app.matching.occurrences import ERASED, every_word, full_names


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("Gul Example", "They took Gul Example away.", "They took [erased] away."),
        ("Gul Example", "GUL   EXÁMPLE; gul-example, Gul_Example", "[erased]; [erased], [erased]"),
        ("Gul Example", "by Example, Gul (2024)", "by [erased] (2024)"),
        ("Gul Example", "write to gulexample@example.org", "write to [erased]@example.org"),
        ("Gul Example", "https://example.org/Gul%20Example/1", "https://example.org/[erased]/1"),
        ("Gul Example", "Gul was an example of many examples", "Gul was an example of many examples"),
        ("José Núñez", "Jose\u0301 Nun\u0303ez, JOSE NUNEZ", "[erased], [erased]"),
        ("نصیر احمد", "قال نَصير أحمد ذلك", "قال [erased] ذلك"),
        (
            "نصیر احمد",
            "https://example.org/%D9%86%D8%B5%DB%8C%D8%B1%20%D8%A7%D8%AD%D9%85%D8%AF",
            "https://example.org/[erased]",
        ),
        ("홍길동", "어제 홍길동 씨가", "어제 [erased] 씨가"),
        ("홍길동", "어제 \u1112\u1169\u11bc\u1100\u1175\u11af\u1103\u1169\u11bc 씨가", "어제 [erased] 씨가"),
        ("李小龍", "昨日李小龍被捕", "昨日[erased]被捕"),
        ("홍길동", "어제 홍길동이 체포", "어제 [erased]이 체포"),
        ("نصير أحمد", "شهد بذلك ونصير أحمد", "شهد بذلك [erased]"),
        ("Gul Example", "G\u200bul Exam\u00adple", "[erased]"),
    ],
)
def test_a_full_name_goes_wherever_it_stands(name: str, text: str, left: str) -> None:
    assert full_names([name]).take_out(text) == left


def test_the_longest_name_goes_first() -> None:
    sought = full_names(["Gul Example", "Gul Example Baloch"])
    assert sought.take_out("Gul Example Baloch and Gul Example") == f"{ERASED} and {ERASED}"


def test_in_the_records_of_a_person_single_words_go_too() -> None:
    sought = every_word(["Gul bin Example"], ["+92 300 0000000"])
    assert sought.take_out("Gul said that bin Laden ... Example; call +92-300-0000000") == (
        "[erased] said that bin Laden ... [erased]; call +[erased]"
    )
    assert full_names(["Gul"]).take_out("Gul") == "Gul"
    assert every_word(["Gul"]).take_out("Gul") == ERASED


def test_what_json_holds_is_walked_through() -> None:
    told = {"Gul Example": [1, None, {"who": "Gul Example", "n": 2.5}], "else": True}
    assert full_names(["Gul Example"]).take_out_of(told) == {
        ERASED: [1, None, {"who": ERASED, "n": 2.5}],
        "else": True,
    }
