//===- Explain.cpp - what the compiler decided, for people -----------------===//
#include "driver/Explain.h"
#include "codegen/Layout.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace nncc::driver {

namespace {

std::string kib(int64_t bytes) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.1f KiB", bytes / 1024.0);
  return text;
}

std::string layerOf(Operation *op) {
  auto layer = dyn_cast<NameLoc>(op->getLoc());
  return layer ? layer.getName().str() : "";
}

void explainBuffers(kernel::FusedOp kernel, llvm::raw_ostream &out) {
  auto print = [&](kernel::BufferAttr buffer, llvm::StringRef what) {
    out << "        " << what << ": " << kernel::stringifySpace(buffer.getSpace());
    if (buffer.getSpace() == kernel::Space::Output)
      out << " " << buffer.getOffset() << "\n";
    else if (buffer.getSpace() == kernel::Space::Symbol)
      out << ", in place, " << kib(buffer.getBytes()) << "\n";
    else
      out << " at " << buffer.getOffset() << ", " << kib(buffer.getBytes()) << "\n";
  };
  for (auto [index, buffer] : llvm::enumerate(kernel.getBuffers()->getAsRange<kernel::BufferAttr>()))
    print(buffer, ("result " + llvm::Twine(index)).str());
  for (auto buffer : kernel.getScratchBuffers()->getAsRange<kernel::BufferAttr>()) print(buffer, "scratch");
}

void explainEntry(func::FuncOp entry, nn::ProgramOp program, llvm::raw_ostream &out) {
  out << "\n" << entry.getName() << "\n";
  double flops = 0;
  int64_t stage = 0;
  bool samples = false;
  for (Operation &op : entry.getBody().front()) {
    if (auto marker = dyn_cast<kernel::StageOp>(op)) {
      samples = marker.getOver() == kernel::Over::Samples;
      stage += !marker.getJoined();
      out << "  stage " << stage << (marker.getJoined() ? ", goes on" : "") << ": over " << kernel::stringifyOver(marker.getOver()) << ", "
          << marker.getTasks() << (marker.getTasks() == 1 ? " task" : " tasks");
      if (samples) out << ", slices of up to " << marker.getSlice() << " samples";
      out << "\n";
    }
    auto kernel = dyn_cast<kernel::FusedOp>(op);
    if (!kernel) continue;
    double own = kernel.getFlops() ? kernel.getFlops()->convertToDouble() : 0;
    if (samples) flops += own;
    out << "    " << kernel.getName();
    if (std::string layer = layerOf(kernel); !layer.empty()) out << " (" << layer << ")";
    out << ": " << kernel.getSchedule().value_or("");
    if (samples && own > 0) out << llvm::format(", %.3f MFLOP a sample", own / 1e6);
    if (kernel.getLengths()) out << ", up to the end of the longest sample";
    out << "\n";
    explainBuffers(kernel, out);
  }
  auto bytes = [&](llvm::StringRef name) { return entry->getAttrOfType<IntegerAttr>(name).getInt(); };
  int64_t arena = bytes(kernel::kArenaBytesAttr), worker = bytes(kernel::kWorkerBytesAttr);
  out << llvm::format("  %.2f MFLOP a sample", flops / 1e6) << "; arena " << kib(arena) << " + " << kib(worker)
      << " a thread\n";
}

// What the training step takes.
struct StepCosts {
  int64_t state = 0, arena = 0, worker = 0;
  double flops = 0;  // of one sample
};

StepCosts costsOf(nn::ProgramOp program) {
  StepCosts costs;
  costs.state = codegen::Layout(program).stateBytes;
  for (auto entry : program.getOps<func::FuncOp>()) {
    if (entry->getAttrOfType<StringAttr>(nn::kEntryAttr).getValue() != "train_step") continue;
    costs.arena = entry->getAttrOfType<IntegerAttr>(kernel::kArenaBytesAttr).getInt();
    costs.worker = entry->getAttrOfType<IntegerAttr>(kernel::kWorkerBytesAttr).getInt();
    bool samples = false;
    for (Operation &op : entry.getBody().front())
      if (auto marker = dyn_cast<kernel::StageOp>(op))
        samples = marker.getOver() == kernel::Over::Samples;
      else if (auto kernel = dyn_cast<kernel::FusedOp>(op); kernel && samples && kernel.getFlops())
        costs.flops += kernel.getFlops()->convertToDouble();
  }
  return costs;
}

} // namespace

bool hasFrozen(nn::ProgramOp program) {
  return llvm::any_of(program.getOps<nn::ParameterOp>(), [](nn::ParameterOp op) { return !op.getTrainable(); });
}

void explainFrozen(nn::ProgramOp program, nn::ProgramOp unfrozen, llvm::raw_ostream &out) {
  int64_t count = 0, elements = 0;
  for (auto parameter : program.getOps<nn::ParameterOp>()) {
    auto other = unfrozen.lookupSymbol<nn::ParameterOp>(parameter.getSymName());
    if (parameter.getTrainable() || !other || !other.getTrainable()) continue;
    ++count;
    elements += cast<RankedTensorType>(parameter.getType()).getNumElements();
  }
  if (count == 0) return;
  StepCosts frozen = costsOf(program), full = costsOf(unfrozen);
  out << "\nfrozen: " << count << (count == 1 ? " weight" : " weights") << " of " << elements
      << " numbers; in the training step, against nothing frozen:\n"
      << "  optimizer state " << kib(frozen.state) << " instead of " << kib(full.state) << "\n"
      << "  arena " << kib(frozen.arena) << " + " << kib(frozen.worker) << " a thread instead of " << kib(full.arena)
      << " + " << kib(full.worker) << "\n"
      << llvm::format("  %.2f MFLOP a sample instead of %.2f\n", frozen.flops / 1e6, full.flops / 1e6);
}

void explain(nn::ProgramOp program, llvm::raw_ostream &out) {
  codegen::Layout layout(program);
  int64_t count = 0;
  for (auto parameter : program.getOps<nn::ParameterOp>())
    count += cast<RankedTensorType>(parameter.getType()).getNumElements();
  out << program.getSymName() << ": " << count << " parameters, " << kib(layout.parameterBytes)
      << "; optimizer state " << kib(layout.stateBytes) << "; batches of up to " << program.getBatch()
      << ", gradients in " << program.getLanes() << " lanes\n";
  for (auto entry : program.getOps<func::FuncOp>()) explainEntry(entry, program, out);
}

} // namespace nncc::driver
