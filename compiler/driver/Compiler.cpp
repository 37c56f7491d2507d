//===- Compiler.cpp - YAML in, program out ---------------------------------===//
#include "driver/Compiler.h"
#include "codegen/Emit.h"
#include "codegen/Kernels.h"
#include "codegen/Target.h"
#include "driver/Diagnostics.h"
#include "driver/KernelTable.h"
#include "driver/Registration.h"
#include "frontend/Frontend.h"
#include "kernel/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "nn/Passes.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include <chrono>

using namespace mlir;

namespace nncc::driver {

Installation::Installation(const char *argv0) {
  std::string self = llvm::sys::fs::getMainExecutable(argv0, reinterpret_cast<void *>(&programOf));
  llvm::StringRef bin = llvm::sys::path::parent_path(self);
  worker = (bin + "/nncc-kernel").str();
  peak = (bin + "/nncc-peak").str();
  converter = (bin + "/nncc-convert").str();
  labeller = (bin + "/nncc-label").str();
  llvm::StringRef build = llvm::sys::path::parent_path(bin);
  runtimeDir = (build + "/lib").str();
  benchmarks = (llvm::sys::path::parent_path(build) + "/benchmarks").str();
}

nn::ProgramOp programOf(ModuleOp module) { return *module.getOps<nn::ProgramOp>().begin(); }

Compiler::Compiler(Installation installation) : installation(std::move(installation)) {
  DialectRegistry registry;
  registerDialects(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
}

bool Compiler::fail(llvm::Error error) {
  llvm::errs() << "nncc: error: " << llvm::toString(std::move(error)) << "\n";
  return false;
}

OwningOpRef<ModuleOp> Compiler::import(const CompileOptions &options) {
  return frontend::importModel(options.model, context, {.f64 = options.gradients, .unfrozen = options.unfrozen});
}

// A buffer is one output: of results that are the same memory as one before them or as an input
// (a flatten, a dropout that does nothing here) the runtime knows that they only show it.
static void returnOnce(func::FuncOp entry) {
  auto viewed = [](Value value) {
    while (auto op = value.getDefiningOp<nn::FusibleOpInterface>()) {
      if (op.getFusionRole() != nn::FusionRole::View) break;
      value = op->getOperand(0);
    }
    return value;
  };
  Operation *terminator = entry.getBody().front().getTerminator();
  DenseSet<Value> known;
  llvm::BitVector again(terminator->getNumOperands());
  for (auto [index, value] : llvm::enumerate(terminator->getOperands())) {
    Value memory = viewed(value);
    auto input = memory.getDefiningOp<nn::RescaleOp>();
    bool shown = isa<BlockArgument>(memory) || (input && isa<BlockArgument>(input.getSrc()));
    again[index] = shown || !known.insert(memory).second;
  }
  terminator->eraseOperands(again);
  (void)entry.eraseResults(again);
}

// Differentiation wants relus behind pools and losses on logits; what it adds is cleaned up
// in the same way.
bool Compiler::differentiate(ModuleOp module, const CompileOptions &options) {
  PassManager passes(&context);
  passes.addPass(createCanonicalizerPass());
  nn::ProgramOp program = programOf(module);
  bool trained = program.lookupSymbol("evaluate");
  if (!trained && options.gradients)
    return fail(llvm::createStringError("model '" + program.getSymName().str() +
                                        "' is not trained: it has no gradients to check"));
  if (trained) passes.addNestedPass<nn::ProgramOp>(nn::createDifferentiatePass({options.gradients}));
  passes.addNestedPass<nn::ProgramOp>(nn::createInferPass());
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  if (failed(passes.run(module))) return false;
  for (auto entry : program.getOps<func::FuncOp>())
    if (entry.getName() == "features") returnOnce(entry);
  return true;
}

bool Compiler::fuse(ModuleOp module) {
  PassManager passes(&context);
  passes.addNestedPass<nn::ProgramOp>(kernel::createFusePass());
  passes.addNestedPass<nn::ProgramOp>(kernel::createStagePass());
  passes.addNestedPass<nn::ProgramOp>(kernel::createLengthsPass());
  return succeeded(passes.run(module));
}

llvm::Expected<codegen::ScheduleChoices> Compiler::choicesOf(const CompileOptions &options) const {
  if (options.choices) return *options.choices;
  bool given = !options.database.empty();
  std::string path = given ? options.database : codegen::scheduleDatabasePath(options.model);
  if (given && !llvm::sys::fs::exists(path))
    return llvm::createStringError(path + " is not there; `nncc tune` writes such files");
  auto database = codegen::ScheduleDatabase::read(path);
  if (!database) return database.takeError();
  const codegen::TunedTarget *target = database->find(options.target);
  return target ? codegen::choicesOf(*target) : codegen::ScheduleChoices();
}

bool Compiler::compileKernels(ModuleOp module, const CompileOptions &options) {
  codegen::KernelStore store(installation.worker, codegen::KernelStore::defaultCacheDir(), options.target);
  bool live = options.verbose && llvm::sys::Process::StandardErrIsDisplayed();
  auto progress = [&](size_t done, size_t total) {
    numCompiled = total;
    if (live) llvm::errs() << "\rcompiling kernels: " << done << "/" << total << (done == total ? "\r\x1b[K" : "");
  };
  auto choices = choicesOf(options);
  if (!choices) return fail(choices.takeError());
  auto compiled = codegen::compileKernels(programOf(module), store, *choices, progress);
  if (!compiled) return fail(compiled.takeError());
  objects = std::move(compiled->objects);
  numKernels = objects.size();
  numTuned = compiled->chosen;

  bool clean = true;
  auto warn = [&](kernel::FusedOp kernel, const std::string &message) {
    if (options.warningsAreErrors)
      emitError(kernel.getLoc(), message + " (error because of -Werror)");
    else
      emitWarning(kernel.getLoc(), message);
    clean &= !options.warningsAreErrors;
  };
  for (kernel::FusedOp kernel : compiled->refused)
    warn(kernel, ("kernel '" + kernel.getName() + "' has no such schedule as was measured for it and gets " +
                  kernel.getSchedule().value_or("") + "; run `nncc tune` again").str());
  module.walk([&](kernel::FusedOp kernel) {
    if (kernel.getReference())
      warn(kernel, ("no schedule fits kernel '" + kernel.getName() + "': it gets the reference schedule, which is slow").str());
  });
  if (!clean) return false;

  PassManager passes(&context);
  passes.addNestedPass<nn::ProgramOp>(kernel::createPlanPass({options.target.l2Bytes}));
  return succeeded(passes.run(module));
}

bool Compiler::writeText(llvm::StringRef path, llvm::StringRef text) {
  std::error_code code;
  llvm::raw_fd_ostream out(path, code);
  if (code) return fail(llvm::createStringError("cannot write " + path + ": " + code.message()));
  out << text;
  return true;
}

bool Compiler::emitText(const CompileOptions &options, llvm::StringRef text) {
  if (!options.output.empty()) return writeText(options.output, text);
  llvm::outs() << text;
  return true;
}

bool Compiler::emitModule(const CompileOptions &options, ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream out(text);
  module.print(out);
  return emitText(options, text + "\n");
}

bool Compiler::emitProgram(const CompileOptions &options, ModuleOp module) {
  llvm::LLVMContext llvmContext;
  llvm::SmallString<128> folder(options.model);
  llvm::sys::fs::make_absolute(folder);
  llvm::sys::path::remove_dots(folder, /*remove_dot_dot=*/true);
  codegen::StepOptions stepOptions = {llvm::sys::path::parent_path(folder).str(), !options.kernelTable.empty()};
  auto step = codegen::translateProgram(programOf(module), options.target, stepOptions, llvmContext);
  if (!step) return fail(step.takeError());
  if (options.emit == Phase::LLVM) {
    std::string text;
    llvm::raw_string_ostream out(text);
    (*step)->print(out, nullptr);
    return emitText(options, text);
  }
  llvm::SmallString<128> object;
  if (auto code = llvm::sys::fs::createTemporaryFile("nncc-step", "o", object))
    return fail(llvm::createStringError("cannot make a temporary file: " + code.message()));
  llvm::Error error = codegen::writeObject(**step, options.target, object);
  if (!error) {
    std::vector<std::string> inputs{std::string(object)};
    inputs.insert(inputs.end(), objects.begin(), objects.end());
    error = codegen::link(inputs, options.output,
                          {installation.runtimeDir, options.emit == Phase::Obj, NNCC_SANITIZE});
  }
  llvm::sys::fs::remove(object);
  return error ? fail(std::move(error)) : true;
}

OwningOpRef<ModuleOp> Compiler::plan(const CompileOptions &options) {
  DiagnosticPrinter printer(&context);
  OwningOpRef<ModuleOp> module = import(options);
  if (!module || !differentiate(*module, options) || !fuse(*module) || !compileKernels(*module, options)) return {};
  return module;
}

bool Compiler::compile(const CompileOptions &given) {
  auto begin = std::chrono::steady_clock::now();
  DiagnosticPrinter printer(&context);
  CompileOptions options = given;
  if (options.emit == Phase::Json) {
    auto text = frontend::toJson(options.model, context, {});
    return text && emitText(options, *text);
  }
  OwningOpRef<ModuleOp> module = import(options);
  if (!module) return false;
  if (options.emit == Phase::NN) return emitModule(options, *module);
  if (!differentiate(*module, options)) return false;
  if (options.emit == Phase::NNTrain) return emitModule(options, *module);
  if (!fuse(*module)) return false;
  if (options.emit == Phase::Stmt) {
    codegen::KernelStore store(installation.worker, codegen::KernelStore::defaultCacheDir(), options.target);
    auto text = codegen::printKernels(programOf(*module), store, /*assembly=*/false);
    return text ? emitText(options, *text) : fail(text.takeError());
  }
  if (!compileKernels(*module, options)) return false;
  if (options.emit == Phase::Kernel) return emitModule(options, *module);
  if (options.output.empty() && options.emit != Phase::LLVM)
    options.output = ("./" + programOf(*module).getSymName() + (options.emit == Phase::Obj ? ".o" : "")).str();
  if (!options.kernelTable.empty() && !writeText(options.kernelTable, kernelTable(programOf(*module)))) return false;
  if (!emitProgram(options, *module)) return false;
  if (options.verbose && options.emit != Phase::LLVM) {
    uint64_t bytes = 0;
    (void)llvm::sys::fs::file_size(options.output, bytes);
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    llvm::outs() << options.output << ": " << llvm::format("%.1f MB", bytes / 1e6) << ", " << numKernels
                 << " kernels (" << numCompiled << " compiled, " << numKernels - numCompiled << " from the cache"
                 << (numTuned ? ", " + std::to_string(numTuned) + " tuned" : "") << ") for "
                 << codegen::describe(options.target) << ", " << llvm::format("%.1f s", seconds.count()) << "\n";
  }
  return true;
}

} // namespace nncc::driver
