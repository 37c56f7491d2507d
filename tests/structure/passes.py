"""A pass is one word in four places: `def FooBarPass : Pass<"room-foo-bar">` in Passes.td,
FooBar.cpp among the room's files, foo-bar.mlir (or room's `foo-bar*.mlir`) among its lit tests."""

import re

from repository import ROOT, files, report, text

DEFINITION = re.compile(r'^def\s+(\w+)\s*:\s*(?:Interface)?Pass<"([^"]+)"', re.MULTILINE)


def dashed(word):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", word).lower()


problems = []
checked = 0
paths = files()
for path in paths:
    if path.name != "Passes.td" or path.parts[0] != "compiler":
        continue
    room = path.parts[1]
    sources = {p.name for p in paths if p.parts[:2] == ("compiler", room)}
    for name, flag in DEFINITION.findall(text(path)):
        checked += 1
        where = f"{path}: {name}: "
        if not name.endswith("Pass"):
            problems.append(where + "a pass's name ends with Pass")
            continue
        word = name.removesuffix("Pass")
        expected = dashed(word) if dashed(word).startswith(room + "-") else f"{room}-{dashed(word)}"
        if flag != expected:
            problems.append(where + f'is called "{flag}", expected "{expected}"')
        if f"{word}.cpp" not in sources:
            problems.append(where + f"no {word}.cpp in compiler/{room}")
        test = ROOT / "tests" / "lit" / room / f"{dashed(word)}.mlir"
        if not test.is_file():
            problems.append(where + f"no {test.relative_to(ROOT)}")

if checked == 0:
    problems.append("no pass found in compiler/*/Passes.td")
report(problems, f"{checked} passes")
