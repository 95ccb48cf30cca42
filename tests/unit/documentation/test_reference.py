"""The reference has every public name, once, with what its docstring says."""

import importlib
import inspect
import re

import rosenblatt as rb


def test_every_public_name_is_in_the_reference_once(docs):
    from extension import reference
    from extension.public_names import MODULES

    text = "\n".join(reference.pages().values())
    entries = re.findall(r"^\.\. (?:auto\w+|py:data):: (\S+)$", text, re.MULTILINE)
    assert len(entries) == len(set(entries))
    described = {id(_value(entry)) for entry in entries}
    for module in MODULES:
        for name in getattr(importlib.import_module(module), "__all__", ()):
            value = getattr(importlib.import_module(module), name)
            is_described = inspect.ismodule(value) or id(value) in described
            assert is_described or name.startswith("_"), f"{module}.{name}"


def test_every_module_that_the_root_names_has_a_page(docs):
    from extension.public_names import MODULES

    assert set(MODULES) >= {f"rosenblatt.{name}" for name in rb._MODULES}


def test_every_public_name_says_what_it_is(docs):
    from extension.public_names import public_names

    silent = [p.full for p in public_names() if p.directive != "autodata" and not p.docstring]
    assert silent == []


def test_every_public_name_has_an_example(docs):
    from extension.public_names import public_names

    described = [public for public in public_names() if public.directive != "autodata"]
    assert [public.full for public in described if ">>>" not in public.docstring] == []


def _value(entry):
    module, _, name = entry.rpartition(".")
    return getattr(importlib.import_module(module), name)
