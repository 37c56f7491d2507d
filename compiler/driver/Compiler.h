//===- Compiler.h - YAML in, program out -----------------------------------===//
//
// The compiler as a library: the mains parse arguments and call it.
//
//===----------------------------------------------------------------------===//
#ifndef NNCC_DRIVER_COMPILER_H
#define NNCC_DRIVER_COMPILER_H

#include "codegen/ScheduleDatabase.h"
#include "driver/Phases.h"
#include "kernel/Dialect.h"
#include "schedule/KernelSpec.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include <optional>
#include <string>

namespace nncc::driver {

struct CompileOptions {
  std::string model;          // path of the YAML
  std::string output;         // "": ./NAME, or standard output for printed phases
  Phase emit = Phase::Exe;
  schedule::Target target;
  bool unfrozen = false;      // as if nothing were frozen, to tell what freezing saves
  bool gradients = false;     // the f64 program of check-grad instead of a trainer
  bool warningsAreErrors = false;
  // Where the schedules stand that were measured (codegen/ScheduleDatabase.h); "": beside the model.
  std::string database;
  // Instead of a database: schedules by keys of kernels.
  std::optional<codegen::ScheduleChoices> choices;
  std::string kernelTable;    // path: the program counts what its kernels take, and here is which (KernelTable.h)
  bool verbose = true;        // progress and the closing line
};

// Where this installation keeps its parts, from the path of the running program.
struct Installation {
  explicit Installation(const char *argv0);
  std::string worker;      // nncc-kernel
  std::string runtimeDir;  // libnncc_cli.a and its like
  std::string benchmarks;  // folder of bench.py
  std::string peak;        // nncc-peak, which measures the machine
  std::string converter;   // nncc-convert, which reads files of Keras
  std::string labeller;    // nncc-label, which serves the page of `nncc data label`
};

class Compiler {
public:
  explicit Compiler(Installation installation);

  // Writes what was asked for. Errors have been printed when it returns false.
  bool compile(const CompileOptions &options);

  // The planned program, for explain; null after errors.
  mlir::OwningOpRef<mlir::ModuleOp> plan(const CompileOptions &options);

private:
  mlir::OwningOpRef<mlir::ModuleOp> import(const CompileOptions &options);
  bool differentiate(mlir::ModuleOp module, const CompileOptions &options);
  bool fuse(mlir::ModuleOp module);
  llvm::Expected<codegen::ScheduleChoices> choicesOf(const CompileOptions &options) const;
  bool compileKernels(mlir::ModuleOp module, const CompileOptions &options);
  bool writeText(llvm::StringRef path, llvm::StringRef text);
  bool emitText(const CompileOptions &options, llvm::StringRef text);
  bool emitModule(const CompileOptions &options, mlir::ModuleOp module);
  bool emitProgram(const CompileOptions &options, mlir::ModuleOp module);
  bool fail(llvm::Error error);

  Installation installation;
  mlir::MLIRContext context;
  std::vector<std::string> objects;
  size_t numKernels = 0, numCompiled = 0, numTuned = 0;
};

nn::ProgramOp programOf(mlir::ModuleOp module);

} // namespace nncc::driver

#endif // NNCC_DRIVER_COMPILER_H
