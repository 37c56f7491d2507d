"""A room includes only headers of the rooms below it, and has a README and a target.

MAY is the table of the design. Includes are written from the root of compiler/ or
runtime/, so the first part of an included path is its room.
"""

import re

from repository import ROOT, files, report, text

MAY = {
    "compiler": {
        "nn": [],
        "frontend": ["nn"],
        "kernel": ["nn"],
        "schedule": [],
        "codegen": ["kernel", "schedule"],
        "driver": ["frontend", "nn", "kernel", "schedule", "codegen"],
    },
    "runtime": {
        "data": [],
        "report": [],
        "train": ["data", "report"],
        "cli": ["data", "report", "train"],
        "prepare": ["data", "report", "train"],
        "label": ["data", "report"],
    },
}
# Headers that belong to no room: what generated code and the runtime share, and the
# runtime's exception for what the user can mend.
SHARED = {
    "compiler": {"codegen": ["abi.h"], "driver": ["abi.h", "error.h"]},
    "runtime": {room: ["abi.h", "error.h"] for room in MAY["runtime"]},
}
# Rooms of the other side.
ACROSS = {("compiler", "driver"): ["prepare"]}
# Libraries that stay in their room.
ONLY = [
    (re.compile(r"Halide\w*\.h$"), ["compiler/schedule"]),
    (re.compile(r"yaml-cpp/"), ["compiler/frontend"]),
    (re.compile(r"hdf5\.h$"), ["compiler/driver"]),
    (re.compile(r"httplib\.h$"), ["runtime/label"]),
    (re.compile(r"(mlir|mlir-c|llvm|llvm-c)/"), ["compiler/nn", "compiler/frontend", "compiler/kernel",
                                   "compiler/codegen", "compiler/driver"]),
]
LIBRARIES = ("mlir", "mlir-c", "llvm", "llvm-c", "yaml-cpp", "nlohmann", "CLI", "gtest")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
TABLEGEN = re.compile(r'^\s*(include)\s+"([^"]+)"', re.MULTILINE)


def check_include(path, line, quoted, target):
    side, room = path.parts[0], path.parts[1]
    where = f"{path}:{line}: includes {target}: "
    for library, rooms in ONLY:
        if library.match(target) and f"{side}/{room}" not in rooms:
            return where + f"only {', '.join(rooms)} may"
    if not quoted:
        return None
    first = target.split("/")[0]
    if first in LIBRARIES:
        return None
    if "/" not in target:
        if target in SHARED[side].get(room, []):
            return None
        if (ROOT / path.parent / target).exists():
            return where + f"write it from the root: {'/'.join((path.parent / target).parts[1:])}"
        return where + f"no header of this name may be included by {side}/{room}"
    if first in ACROSS.get((side, room), []):
        return None
    if first not in MAY[side]:
        return where + f"{first} is no room of {side}/"
    if first != room and first not in MAY[side][room]:
        allowed = ", ".join(MAY[side][room]) or "no other room"
        return where + f"{side}/{room} may include {allowed}"
    return None


problems = []
includes = 0
rooms_seen = set()
for path in files():
    if path.parts[0] not in MAY or len(path.parts) < 3 or path.parts[1] not in MAY[path.parts[0]]:
        continue
    rooms_seen.add(path.parts[:2])
    pattern = {".h": INCLUDE, ".cpp": INCLUDE, ".inc": INCLUDE, ".td": TABLEGEN}.get(path.suffix)
    if not pattern:
        continue
    content = text(path)
    for match in pattern.finditer(content):
        includes += 1
        line = content.count("\n", 0, match.start(1)) + 1
        problem = check_include(path, line, match[1] != "<", match[2])
        if problem:
            problems.append(problem)

for side, rooms in MAY.items():
    for folder in sorted(p for p in (ROOT / side).iterdir() if p.is_dir()):
        if folder.name not in rooms and folder.name != "cmake":
            problems.append(f"{side}/{folder.name}: a folder that is no room of the design")
    for room in rooms:
        folder = ROOT / side / room
        if not (folder / "README.md").is_file():
            problems.append(f"{side}/{room}: no README.md")
        lists = folder / "CMakeLists.txt"
        if not lists.is_file() or not re.search(rf"\bnncc_{room}\b", lists.read_text()):
            problems.append(f"{side}/{room}: its CMakeLists.txt makes no target nncc_{room}")

if includes < 100:
    problems.append(f"only {includes} includes found: this test looks in the wrong place")
report(problems, f"{includes} includes of {len(rooms_seen)} rooms")
