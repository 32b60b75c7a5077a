"""Modelfiles: what is read, what is sent, and errors that name the line."""

from __future__ import annotations

import pytest

from r1tui.domain.model import ModelDetails
from r1tui.domain.modelfile import (
    Modelfile,
    ModelfileError,
    ParameterValue,
    create_fields,
    editable,
    format_modelfile,
    format_parameters,
    parse,
    parse_parameters,
)

TEXT = '''# mine
FROM deepseek-r1:8b
parameter temperature 0.5
PARAMETER num_ctx 8192
PARAMETER stop "<|a|>"
PARAMETER stop <|b|>
PARAMETER mirostat 1
PARAMETER use_mmap false
SYSTEM """
Answer
briefly."""
TEMPLATE {{ .Prompt }}
LICENSE MIT
MESSAGE user hello
MESSAGE assistant """Hi "you"."""
'''


def test_every_instruction_becomes_its_field() -> None:
    assert create_fields(parse(TEXT)) == {
        "from": "deepseek-r1:8b",
        "parameters": {"temperature": 0.5, "num_ctx": 8192, "stop": ["<|a|>", "<|b|>"], "use_mmap": False},
        "system": "\nAnswer\nbriefly.",
        "template": "{{ .Prompt }}",
        "license": ["MIT"],
        "messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": 'Hi "you".'}],
    }


def test_what_is_written_reads_back_the_same() -> None:
    modelfile = parse(TEXT)
    assert parse(format_modelfile(modelfile)) == modelfile


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("FROM a\n\nFRM b", 3, "modelfile.unknown"),
        ("FROM a\nPARAMETER temprature 1", 2, "modelfile.parameter"),
        ("FROM a\nPARAMETER num_ctx many", 2, "modelfile.value"),
        ("FROM a\nPARAMETER use_mmap maybe", 2, "modelfile.value"),
        ("FROM a\nPARAMETER num_ctx", 2, "modelfile.empty"),
        ('FROM a\nSYSTEM """open\nand on', 2, "modelfile.open_quotes"),
        ('FROM a\nSYSTEM """x""" y', 2, "modelfile.open_quotes"),
        ("FROM a\nMESSAGE robot hi", 2, "modelfile.role"),
        ("FROM", 1, "modelfile.empty"),
        ("SYSTEM x", 0, "modelfile.no_from"),
        ("", 0, "modelfile.no_from"),
    ],
)
def test_an_error_names_its_line(text: str, line: int, key: str) -> None:
    with pytest.raises(ModelfileError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.phrase.key) == (line, key)


def test_a_file_in_from_is_told_from_a_name() -> None:
    assert Modelfile("./x.gguf").from_file
    assert Modelfile("/models/x").from_file
    assert "from" not in create_fields(Modelfile("~/x.GGUF"))
    assert not Modelfile("hf.co/a/b:Q4").from_file


def test_editing_starts_from_the_model_itself_not_from_a_file_of_the_server() -> None:
    details = ModelDetails(
        "r1:1", modelfile='# c\nFROM /blobs/sha256-1\nTEMPLATE """x"""\nSYSTEM Short.\nPARAMETER top_p 0.9\n'
    )
    expected = "FROM r1:1\nSYSTEM Short.\nPARAMETER top_p 0.9\nTEMPLATE x\n"
    assert format_modelfile(editable(details)) == expected


def test_parameters_are_read_back_as_they_were_written() -> None:
    parameters: dict[str, ParameterValue] = {"temperature": 0.6, "num_ctx": 8192, "use_mmap": False}
    parameters["stop"] = ["<|User|>", 'a "b"', "two\nlines", " "]
    assert parse_parameters(format_parameters(parameters)) == parameters
    assert parse_parameters("# c\n\nPARAMETER seed 4\n  TOP_P   0.5") == {"seed": 4, "top_p": 0.5}


@pytest.mark.parametrize(
    ("text", "line"), [("seed 1\nseed", 2), ("seed x", 1), ("parameter", 1), ('stop """a\nb', 1)]
)
def test_a_wrong_parameter_is_named_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ModelfileError) as caught:
        parse_parameters(text)
    assert caught.value.line == line
