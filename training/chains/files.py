# SPDX-License-Identifier: EUPL-1.2
"""Reading chain files: TOML, in UTF-8."""

import re
import tomllib
from importlib import resources
from pathlib import Path

from models.errors import Fault, InvalidFile
from models.occupancy.reading import read_chain
from models.occupancy.specification import ChainSpecification

__all__ = ["LARGEST", "dutch_chain", "read_chain_file", "single_stage_chain"]

LARGEST = 1_000_000
"""No chain takes more to describe [bytes]."""

_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


def dutch_chain() -> ChainSpecification:
    """The Dutch chain: the default."""
    return _shipped("nl.toml")


def single_stage_chain() -> ChainSpecification:
    """The chain of an agency of which only inflow and occupancy are known."""
    return _shipped("single_stage.toml")


def read_chain_file(path: Path) -> ChainSpecification:
    """Read a chain from a TOML file; docs/chain-specification.md shows every key.

    Raises:
        InvalidFile: with every fault; a fault of the syntax has its line, a fault of the chain
            its place as the column.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise InvalidFile(path.name, [Fault(reason="the file does not exist.")]) from None
    except OSError:
        raise InvalidFile(path.name, [Fault(reason="the file cannot be read.")]) from None
    return _read(content, name=path.name)


def _shipped(name: str) -> ChainSpecification:
    return _read(resources.files("training.chains").joinpath(name).read_bytes(), name=name)


def _read(content: bytes, *, name: str) -> ChainSpecification:
    if len(content) > LARGEST:
        raise InvalidFile(name, [Fault(reason=f"is larger than {LARGEST} bytes.")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InvalidFile(name, [Fault(line=line, reason="is not UTF-8 text.")]) from None
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidFile(name, [_syntax(str(error), text)]) from None
    except RecursionError:
        raise InvalidFile(name, [Fault(reason="nests too deeply.")]) from None
    except ValueError:
        # Whole numbers of thousands of digits, which Python refuses to read.
        raise InvalidFile(name, [Fault(reason="holds a number that is too long.")]) from None
    return read_chain(tables, name=name)


def _syntax(message: str, text: str) -> Fault:
    """What the reader of TOML says, with the line that it names; without one, the last."""
    found = _LINE.search(message)
    line = int(found[1]) if found else text.rstrip().count("\n") + 1
    reason = _LINE.sub("", message).removesuffix(" (at end of document)")
    return Fault(line=line, reason=f"is no TOML: {reason}.")
