"""Writes the files of files.test, made from the model MODEL, into FOLDER. Usage: files.py MODEL FOLDER"""
import pathlib
import shutil
import sys

model = pathlib.Path(sys.argv[1]).read_text()
folder = pathlib.Path(sys.argv[2])
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir()


def write(name, content):
    data = content if isinstance(content, bytes) else content.encode()
    (folder / (name + ".yaml")).write_bytes(data)


(folder / "folder.yaml").mkdir()
with open(folder / "100mb.yaml", "wb") as large:
    large.truncate(100 << 20)
write("1mb", "#" * ((1 << 20) + 1))
write("empty", " \n\n")
write("comments", "# nothing\n# here\n")
write("list", "- dense: {units: 10}\n")
write("binary", b"\x89PNG\nab\x07\x00\x01")
write("utf16", model.encode("utf-16"))
write("latin1", b"# caf\xe9\n" + model.encode())
write("tab", model.replace("  loss:", "\tloss:"))
write("cr", model.replace("\n", "\r"))
write("documents", model + "---\n" + model)
write("unclosed", model.replace("{pool_size: 2}", "{pool_size: 2", 1))
write("indented", "model: a\ninput: {shape: [8, 8, 3]}\n layers: []\n")
write("prose", "Dear compiler, please train me a network for images.\n")

depth = 10_000
write("flow", "model: " + "[" * depth + "]" * depth)
write("maps", "model: " + "{a: " * depth + "}" * depth)
write("lists", "- " * depth + "a")
write("keys", "? " * depth + "a")
write("alias_depth", "a: &a " + "[" * 20 + "]" * 20 + "\nb: " + "[" * 20 + "*a" + "]" * 20)
names = "abcdefghijkl"
write("bomb", "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [" + ", ".join([f"*{before}"] * 9) + "]\n"
    for before, name in zip(names, names[1:])))
write("circle", "model: &a [1, *a]\n")
write("unknown_alias", "model: *nothing\n")
write("merge", "model: {<<: {a: 1}}\n")
write("tag", "model: !!str a\n")
write("complex_key", "? [a]\n: b\n")

write("bom", b"\xef\xbb\xbf" + model.encode())
write("crlf", model.replace("\n", "\r\n"))
write("framed", "%YAML 1.2\n---\n" + model + "...\n")
pool = "{pool_size: 2}"
assert model.count(pool) == 3
write("alias", model.replace(pool, "&pool " + pool, 1).replace("d: " + pool, "d: *pool"))
