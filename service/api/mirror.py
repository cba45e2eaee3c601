# SPDX-License-Identifier: EUPL-1.2
"""Shapes made from our dataclasses: the same fields in camelCase, described by their docstrings."""

import inspect
import re
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import Field, create_model

from service.api.schemas import Shape

__all__ = ["mirror"]

_ATTRIBUTE = re.compile(r"^    (\w+): (.*)$")


@cache
def mirror(kind: type) -> type[Shape]:
    """The shape of a dataclass, and of every dataclass within it.

    What a field means and in which unit it is stands once, in the docstring of the dataclass;
    the API document repeats it from there.
    """
    hints = get_type_hints(kind)
    described = _descriptions(kind)
    content: dict[str, Any] = {}
    for entry in fields(kind):
        hint = hints[entry.name]
        optional = type(None) in get_args(hint)
        default = None if optional else ...
        content[entry.name] = (
            _translate(hint),
            Field(default, description=described.get(entry.name)),
        )
    return create_model(kind.__name__, __base__=Shape, __doc__=_summary(kind), **content)


def _translate(hint: Any) -> Any:
    """A type with every dataclass in it replaced by its shape."""
    if isinstance(hint, type) and is_dataclass(hint):
        return mirror(hint)
    arguments = get_args(hint)
    if not arguments:
        return hint
    translated = tuple(part if part is Ellipsis else _translate(part) for part in arguments)
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        return Union[translated]  # noqa: UP007 - the members are known at run time only
    return origin[translated]


def _summary(kind: type) -> str:
    return (inspect.getdoc(kind) or "").split("\n\n")[0].replace("\n", " ")


def _descriptions(kind: type) -> dict[str, str]:
    """What the `Attributes:` part of a docstring says about every field, inherited ones too."""
    if not is_dataclass(kind):
        return {}
    _, _, listed = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")
    found = {name: said for base in kind.__bases__ for name, said in _descriptions(base).items()}
    name = ""
    for line in listed.splitlines():
        if match := _ATTRIBUTE.match(line):
            name = match[1]
            found[name] = match[2]
        elif name and line.startswith("     "):
            found[name] += f" {line.strip()}"
        else:
            name = ""
    return found
