//===- KernelTable.cpp - the kernels of a planned program, for other tools -===//
#include "driver/KernelTable.h"
#include "codegen/SpecBuilder.h"
#include "llvm/Support/JSON.h"

using namespace mlir;

namespace nncc::driver {

namespace {

struct Traffic {
  int64_t sample = 0, call = 0;

  void add(const schedule::TensorType &type) {
    if (type.sliced < 0)
      call += type.bytes();
    else
      sample += type.bytes() / type.shape[type.sliced];
  }
};

Traffic trafficOf(const schedule::KernelSpec &spec) {
  Traffic traffic;
  for (const schedule::TensorType &argument : spec.arguments) traffic.add(argument);
  for (const schedule::Result &result : spec.results) traffic.add(spec.typeOf(result.value));
  return traffic;
}

llvm::json::Object row(func::FuncOp entry, kernel::StageOp stage, kernel::FusedOp kernel) {
  schedule::KernelSpec spec = codegen::buildSpec(kernel, stage.getOver());
  std::string text = spec.toJson();
  Traffic traffic = trafficOf(spec);
  auto layer = dyn_cast<NameLoc>(kernel.getLoc());
  bool samples = stage.getOver() == kernel::Over::Samples;
  int64_t rows = samples ? kernel::rowsPerSample(kernel, entry->getParentOfType<nn::ProgramOp>().getBatch()) : 1;
  return llvm::json::Object{
          {"entry", entry.getName().str()},
          {"kernel", kernel.getName().str()},
          {"layer", layer ? layer.getName().str() : ""},
          {"over", kernel::stringifyOver(stage.getOver()).str()},
          {"slice", samples ? int64_t(stage.getSlice()) : 0},
          {"schedule", kernel.getSchedule().value_or("").str()},
          {"flops", kernel.getFlops() ? kernel.getFlops()->convertToDouble() : 0.0},
          {"sample_bytes", traffic.sample * rows},
          {"call_bytes", traffic.call},
          {"key", schedule::hashOf(text)},
          {"spec", llvm::cantFail(llvm::json::parse(text), "a spec is JSON")}};
}

} // namespace

std::string kernelTable(nn::ProgramOp program) {
  llvm::json::Array rows;
  for (auto entry : program.getOps<func::FuncOp>()) {
    kernel::StageOp stage;
    for (Operation &op : entry.getBody().front())
      if (auto marker = dyn_cast<kernel::StageOp>(op))
        stage = marker;
      else if (auto kernel = dyn_cast<kernel::FusedOp>(op))
        rows.push_back(row(entry, stage, kernel));
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv("{0:2}", llvm::json::Value(std::move(rows))) << "\n";
  return text;
}

} // namespace nncc::driver
