import pytest

from domain.models import ModelName, Vendor, model_chain


@pytest.mark.parametrize(
    ("text", "vendor", "model"),
    [
        ("openai:gpt-4.1", Vendor.OPENAI, "gpt-4.1"),
        ("OpenAI:gpt-4.1", Vendor.OPENAI, "gpt-4.1"),
        (" groq:llama-3.3-70b-versatile ", Vendor.GROQ, "llama-3.3-70b-versatile"),
        ("openai:llama3.2:3b", Vendor.OPENAI, "llama3.2:3b"),
        ("openai:meta-llama/Llama-3:free", Vendor.OPENAI, "meta-llama/Llama-3:free"),
        ("anthropic:claude-haiku-5-5", Vendor.ANTHROPIC, "claude-haiku-5-5"),
        ("offline", Vendor.OFFLINE, "quote"),
        ("offline:quote", Vendor.OFFLINE, "quote"),
    ],
)
def test_a_name_is_read(text: str, vendor: Vendor, model: str) -> None:
    assert ModelName.parse(text) == ModelName(vendor=vendor, model=model)


@pytest.mark.parametrize(
    "text", ["", "openai", "openai:", ":gpt", "acme:gpt", "openai:a b", "openai:é", "offline:x", f"openai:{'a' * 201}"]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        ModelName.parse(text)


def test_as_text_it_is_as_it_was_written() -> None:
    assert str(ModelName.parse("openai:llama3.2:3b")) == "openai:llama3.2:3b"


def test_a_chain_keeps_its_order_and_names_each_model_once() -> None:
    chain = model_chain("groq:a, anthropic:b ,groq:a,offline")

    assert [str(name) for name in chain] == ["groq:a", "anthropic:b", "offline:quote"]


@pytest.mark.parametrize("text", ["", "groq:a,", ",groq:a", "groq:a;openai:b c"])
def test_a_chain_with_an_entry_that_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        model_chain(text)
