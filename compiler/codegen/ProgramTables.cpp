//===- ProgramTables.cpp - the NnccProgram of a model, in this process -----===//
#include "codegen/ProgramTables.h"
#include "abi.h"
#include "codegen/Layout.h"
#include "codegen/ProgramConstants.h"
#include "codegen/Target.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/TargetSelect.h"

using namespace llvm;

namespace nncc::codegen {

// The module of constants is compiled and loaded like a trainer's, so that there is one description
// of the tables, ProgramConstants.cpp.
struct ProgramTables::Memory {
  std::unique_ptr<orc::LLJIT> loader;
};

ProgramTables::ProgramTables(std::unique_ptr<Memory> memory) : memory(std::move(memory)) {}
ProgramTables::ProgramTables(ProgramTables &&) noexcept = default;
ProgramTables::~ProgramTables() = default;

Expected<ProgramTables> ProgramTables::of(nn::ProgramOp program, StringRef dataDir) {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  auto target = parseTarget("host");
  if (!target) return target.takeError();
  auto loader = orc::LLJITBuilder().create();
  if (!loader) return loader.takeError();
  auto context = std::make_unique<LLVMContext>();
  auto module = std::make_unique<Module>(program.getSymName(), *context);
  module->setDataLayout((*loader)->getDataLayout());
  addProgramConstants(*module, program, Layout(program), *target, dataDir, /*kernels=*/0);
  if (auto error = (*loader)->addIRModule(orc::ThreadSafeModule(std::move(module), std::move(context))))
    return error;
  auto address = (*loader)->lookup("nncc_program");
  if (!address) return address.takeError();
  ProgramTables result(std::make_unique<Memory>(Memory{std::move(*loader)}));
  result.tables = address->toPtr<const NnccProgram *>();
  return result;
}

} // namespace nncc::codegen
