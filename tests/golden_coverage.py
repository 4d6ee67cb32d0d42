#!/usr/bin/env python3
"""golden_coverage.py SRTC: every key of the settings formats and every word that the policy language
reserves occurs in an input of golden/. Prints those that do not, and fails then."""

import json
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
# A string, or a comment outside of one.
STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.S)


def keys_of_schema(schema, path=()):
    """The paths of all keys that a part of the schema describes; a list's are those of its items."""
    for key, value in schema.get("properties", {}).items():
        yield ".".join((*path, key))
        yield from keys_of_schema(value, (*path, key))
    if isinstance(schema.get("items"), dict):
        yield from keys_of_schema(schema["items"], path)


def keys_of_settings(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield ".".join((*path, key))
            yield from keys_of_settings(inner, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from keys_of_settings(item, path)


def used_keys(format_name):
    keys = set()
    for file in TOP.glob(f"golden/{format_name}/**/*.json"):
        text = STRING_OR_COMMENT.sub(lambda found: found[1] or "", file.read_text(errors="replace"))
        try:
            keys.update(keys_of_settings(json.loads(text)))
        except ValueError:
            pass  # settings that are wrong are inputs too
    return keys


def used_words():
    words = set()
    for file in TOP.glob("golden/**/*.srt"):
        # Without what stands in quotes, and comments: a `#` in an atom begins none.
        text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', file.read_text(errors="replace"))
        words.update(re.sub(r"(^|\s)#[^\n]*", " ", text).split())
    return words


def main():
    missing = []
    schema = json.loads(subprocess.run([sys.argv[1], "schema"], check=True, capture_output=True).stdout)
    for part, folder in zip(schema["anyOf"], ("npm-settings", "rust-settings"), strict=True):
        keys = set(keys_of_schema(part))
        if not keys:
            sys.exit(f"golden coverage: the schema has no keys of {folder}")
        missing += [f"the key {key} ({folder})" for key in sorted(keys - used_keys(folder))]
    header = (TOP / "compiler/ir/reserved_words.h").read_text()
    table = header[header.index("kReservedWords") :]
    reserved = set(re.findall(r'"([a-z-]+)"', table[: table.index("}")]))
    if not reserved:
        sys.exit("golden coverage: no reserved words found")
    missing += [f"the word {word}" for word in sorted(reserved - used_words())]
    for what in missing:
        print(f"golden coverage: no input has {what}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
