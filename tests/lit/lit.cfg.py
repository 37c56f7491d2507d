# How lit runs the tests of the compiler's stages: each file says in its RUN lines what to
# call. `lit` is that of Debian's llvm-22-tools, beside FileCheck and not.
import os

import lit.formats

config.name = "nncc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".yaml", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.build, "tests", "lit", "output")

# Only what is listed here is seen: nothing of the caller's environment changes a test.
config.environment = {
    "PATH": os.pathsep.join([os.path.join(config.build, "bin"), config.llvm_tools, os.environ["PATH"]]),
    "NNCC_CACHE": os.path.join(config.build, "cache"),
    "FILECHECK_OPTS": "--enable-var-scope --dump-input=fail",
    "LC_ALL": "C",
    "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
    "HOME": os.path.join(config.build, "tests"),
}
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS", "ASAN_SYMBOLIZER_PATH"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions.append(("%models", os.path.join(config.repository, "models")))
config.substitutions.append(("%repository", config.repository))
config.substitutions.append(("%build", config.build))
