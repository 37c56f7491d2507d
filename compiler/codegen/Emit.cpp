//===- Emit.cpp - LLVM module -> object -> program -------------------------===//
#include "codegen/Emit.h"
#include "codegen/Kernels.h"
#include "codegen/ProgramConstants.h"
#include "codegen/StepLowering.h"
#include "codegen/Target.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

namespace nncc::codegen {

static constexpr StringLiteral kTriple = "x86_64-pc-linux-gnu";

static std::unique_ptr<TargetMachine> targetMachine(const schedule::Target &target) {
  static const bool initialized = [] {
    InitializeNativeTarget();
    InitializeNativeTargetAsmPrinter();
    return true;
  }();
  (void)initialized;
  std::string error;
  Triple triple(kTriple);
  const llvm::Target *found = TargetRegistry::lookupTarget(triple, error);
  assert(found && "LLVM was built for x86-64");
  return std::unique_ptr<TargetMachine>(found->createTargetMachine(
      triple, target.level, "", TargetOptions(), Reloc::PIC_, std::nullopt, CodeGenOptLevel::Default));
}

Expected<std::unique_ptr<Module>> translateProgram(nn::ProgramOp program, const schedule::Target &target,
                                                   const StepOptions &options, LLVMContext &context) {
  mlir::MLIRContext *mlirContext = program->getContext();
  mlir::DialectRegistry registry;
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  mlirContext->appendDialectRegistry(registry);
  Layout layout(program);
  mlir::OwningOpRef<mlir::ModuleOp> entries = lowerEntries(program, layout, options.profile);
  if (failed(mlir::verify(entries->getOperation()))) return createStringError("the lowered step is not valid: a bug of nncc");
  std::unique_ptr<Module> module = mlir::translateModuleToLLVMIR(*entries, context, program.getSymName());
  if (!module) return createStringError("the lowered step does not translate to LLVM IR: a bug of nncc");
  auto machine = targetMachine(target);
  module->setTargetTriple(machine->getTargetTriple());
  module->setDataLayout(machine->createDataLayout());
  int64_t kernels = options.profile ? numberKernels(program).size() : 0;
  addProgramConstants(*module, program, layout, target, options.dataDir, kernels);
  std::string complaint;
  raw_string_ostream out(complaint);
  if (verifyModule(*module, &out)) return createStringError("the LLVM IR is not valid: a bug of nncc: " + complaint);
  return module;
}

Error writeObject(Module &module, const schedule::Target &target, StringRef path) {
  auto machine = targetMachine(target);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager graphs;
  ModuleAnalysisManager modules;
  PassBuilder builder(machine.get());
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  // Straight-line set-up code: O1 folds its addresses, more finds nothing to do.
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O1).run(module, modules);

  std::error_code code;
  raw_fd_ostream out(path, code, sys::fs::OF_None);
  if (code) return createStringError("cannot write " + path + ": " + code.message());
  legacy::PassManager emitter;
  if (machine->addPassesToEmitFile(emitter, out, nullptr, CodeGenFileType::ObjectFile))
    return createStringError("LLVM cannot emit objects for " + kTriple);
  emitter.run(module);
  return Error::success();
}

Error link(ArrayRef<std::string> objects, StringRef output, const LinkOptions &options) {
  auto linker = sys::findProgramByName("c++");
  if (!linker) return createStringError("no linker: 'c++' is not in PATH; install g++");
  StringRef folder = sys::path::parent_path(output);
  if (!folder.empty() && !sys::fs::is_directory(folder))
    return createStringError("cannot write " + output + ": " + folder + " is no folder; make it first");
  SmallString<128> aside, log;
  sys::fs::createUniquePath(output + ".%%%%%%", aside, /*MakeAbsolute=*/false);
  if (auto code = sys::fs::createTemporaryFile("nncc-link", "log", log))
    return createStringError("cannot make a temporary file: " + code.message());
  std::vector<std::string> arguments{*linker, "-o", std::string(aside)};
  if (options.relocatable) {
    arguments.insert(arguments.end(), {"-r", "-nostdlib"});
    arguments.insert(arguments.end(), objects.begin(), objects.end());
  } else {
    if (options.sanitize.empty())
      arguments.insert(arguments.end(), {"-static", "-s"});
    else
      arguments.push_back("-fsanitize=" + options.sanitize);
    // LLVM's linker takes a fifth of the time of the default one.
    if (sys::findProgramByName("ld.lld", {"/usr/lib/llvm-22/bin"}))
      for (const char *word : {"-B/usr/lib/llvm-22/bin", "-fuse-ld=lld"})
        arguments.push_back(word);
    arguments.push_back("-Wl,--gc-sections");
    arguments.insert(arguments.end(), objects.begin(), objects.end());
    for (const char *room : {"cli", "train", "data", "report"})
      arguments.push_back(options.runtimeDir + "/libnncc_" + room + ".a");
    arguments.insert(arguments.end(), {"-ljpeg", "-lpng", "-lz", "-lpthread", "-lm"});
  }
  std::vector<StringRef> argv(arguments.begin(), arguments.end());
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log), StringRef(log)};
  std::string message;
  int status = sys::ExecuteAndWait(*linker, argv, std::nullopt, redirects, 0, 0, &message);
  std::string words;
  if (auto buffer = MemoryBuffer::getFile(log)) words = (*buffer)->getBuffer().trim().str();
  sys::fs::remove(log);
  if (status != 0) {
    sys::fs::remove(aside);
    return createStringError("linking " + output + " failed: " + (words.empty() ? message : words));
  }
  if (auto code = sys::fs::rename(aside, output)) {
    sys::fs::remove(aside);
    return createStringError("cannot write " + output + ": " + code.message());
  }
  return Error::success();
}

} // namespace nncc::codegen
