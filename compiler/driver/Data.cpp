//===- Data.cpp - nncc data: training data, before there is a trainer ------===//
#include "driver/Data.h"
#include "abi.h"
#include "codegen/ProgramTables.h"
#include "driver/Compiler.h"
#include "driver/Diagnostics.h"
#include "driver/Registration.h"
#include "error.h"
#include "frontend/Frontend.h"
#include "prepare/Check.h"
#include "prepare/Show.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <algorithm>
#include <functional>
#include <thread>

namespace nncc::driver {

static int fail(std::string message) {
  // One line, whatever a file's name may hold.
  std::replace(message.begin(), message.end(), '\n', ' ');
  std::fflush(stdout);
  llvm::errs() << "nncc: error: " << message << "\n";
  return 1;
}

// Calls the runtime with a model's tables; its exceptions end here.
static int withProgram(const DataOptions &options, llvm::function_ref<int(const NnccProgram &)> use) {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  DiagnosticPrinter printer(&context);
  auto module = frontend::importModel(options.model, context, {});
  if (!module) return 1;
  llvm::SmallString<128> folder(options.model);
  llvm::sys::fs::make_absolute(folder);
  llvm::sys::path::remove_dots(folder, /*remove_dot_dot=*/true);
  auto tables = codegen::ProgramTables::of(programOf(*module), llvm::sys::path::parent_path(folder));
  if (!tables) return fail(llvm::toString(tables.takeError()));
  try {
    return use(tables->program());
  } catch (const std::bad_alloc &) {
    return fail("not enough memory; close other programs or use fewer --threads");
  } catch (const std::exception &error) {
    return fail(error.what());
  }
}

static prepare::Source sourceOf(const DataOptions &options, const NnccProgram &program) {
  return {program, options.folder.empty() ? program.data_dir : options.folder,
          options.threads ? options.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))};
}

int checkData(const DataOptions &options) {
  return withProgram(options, [&](const NnccProgram &program) {
    return prepare::check(sourceOf(options, program), options.html) ? 0 : 1;
  });
}

int showData(const DataOptions &options) {
  return withProgram(options, [&](const NnccProgram &program) {
    prepare::show(sourceOf(options, program), {options.part, options.augmented, options.count, options.seed, options.out});
    return 0;
  });
}

} // namespace nncc::driver
