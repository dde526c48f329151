"""The places at which sentences end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.outcome.summary.drafting.sentences import citable_sentences, split


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        (
            "Mr. President, H.E. Dr. A. Example spoke. Then we left.",
            ["Mr. President, H.E. Dr. A. Example spoke.", "Then we left."],
        ),
        (
            "See e.g. Article 3, para. 4 of U.N. Texts. Done.",
            ["See e.g. Article 3, para. 4 of U.N. Texts.", "Done."],
        ),
        ("We saw 12.5 per cent more. It hurts.", ["We saw 12.5 per cent more.", "It hurts."]),
        ("She said: “Stop.” They did not.", ["She said: “Stop.”", "They did not."]),
        ("主席先生。我们请求保护！谢谢", ["主席先生。", "我们请求保护！", "谢谢"]),
        ("نطلب الحماية. ونشكركم؟ نعم", ["نطلب الحماية.", "ونشكركم؟", "نعم"]),
        ("A heading\n\nA paragraph. It ends.", ["A heading", "A paragraph.", "It ends."]),
        ("Пришли гости. Мы рады.", ["Пришли гости.", "Мы рады."]),
    ],
)
def test_split(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


@given(st.text(alphabet="Ab. ?!\n。"))
def test_no_letter_is_lost(text: str) -> None:
    assert "".join("".join(split(text)).split()) == "".join(text.split())


def test_what_is_worth_citing() -> None:
    text = (
        "Mr. President, the survivors ask for a voice in this process. "
        "I thank you for giving me the floor this morning. "
        "Too short. "
        "In conclusion, we need a fund that lasts longer than a year."
    )
    assert [(said.index, said.core) for said in citable_sentences("s", text)] == [
        (0, "The survivors ask for a voice in this process."),
        (3, "We need a fund that lasts longer than a year."),
    ]
