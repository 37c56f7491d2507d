// test_ops [--list] [--levels] [--spec FILE] [--level L] [--schedule CANDIDATE]
//          [--element f32|f64] [gtest options]
//   --list      the names of the ops that have rows, one a line, and nothing else
//   --levels    the CPU levels that kernels are run at; status 77 where this CPU lacks one
//   --spec FILE a kernel specification to check too (Rows/KernelTest.*/file_*); repeatable
//   the others  narrow the kernel tests down to one compilation, as failures print it
#include <gtest/gtest.h>

#include <cstring>
#include <iostream>
#include <set>

#include "CompiledKernel.h"
#include "Options.h"
#include "Rows.h"

namespace nncc::ops {
Options options;

// The kernels of a level that the CPU lacks are compiled, linked and searched for symbols,
// but a run without calling them is not a whole one, and says so.
static int reportLevels() {
  int status = 0;
  for (const Level &level : levels()) {
    if (!level.runs)
      status = 77;
    std::cout << (level.runs ? "run: " : "not run: needs a CPU of level ") << level.name << '\n';
  }
  return status;
}
}  // namespace nncc::ops

int main(int argc, char **argv) {
  using namespace nncc::ops;
  // Before gtest asks for the rows.
  std::vector<std::string> specs;
  for (int i = 1; i + 1 < argc; i++)
    if (std::strcmp(argv[i], "--spec") == 0)
      specs.push_back(argv[++i]);
  addRowsFrom(specs);
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; i++) {
    const std::string word = argv[i];
    std::string *option = word == "--level"      ? &options.level
                          : word == "--schedule" ? &options.schedule
                          : word == "--element"  ? &options.element
                                                 : nullptr;
    if (word == "--list") {
      std::set<std::string> ops;
      for (const Row &row : rows())
        if (row.op != "fused")
          ops.insert(row.op);
      for (const std::string &op : ops)
        std::cout << op << '\n';
      return 0;
    }
    if (word == "--levels")
      return reportLevels();
    if (word == "--spec" && i + 1 < argc) {
      i++;
      continue;
    }
    if (!option || i + 1 == argc) {
      std::cerr << "usage: test_ops [--list] [--levels] [--spec FILE] [--level L] [--schedule CANDIDATE] "
                   "[--element f32|f64] [gtest options]\n";
      return 2;
    }
    *option = argv[++i];
  }
  return RUN_ALL_TESTS();
}
