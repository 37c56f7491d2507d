//===- Kernels.cpp - compiles the kernels of a program ---------------------===//
#include "codegen/Kernels.h"
#include "codegen/SpecBuilder.h"
#include "kernel/Loops.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace nncc::codegen {

// "conv2d+relu of layer conv2d_1".
static std::string describe(kernel::FusedOp kernel) {
  std::string name = kernel.getName().str();
  if (auto layer = dyn_cast<NameLoc>(kernel.getLoc())) name += " of layer " + layer.getName().str();
  return name;
}

// Kernels that only looking at features needs are to hold up the compiler as little as may be.
// Those that another entry has too come from there.
static void markRare(std::vector<ListedKernel> &kernels, const std::vector<bool> &forFeatures) {
  llvm::StringSet<> often;
  for (auto [kernel, features] : llvm::zip_equal(kernels, forFeatures))
    if (!features) often.insert(kernel.key);
  for (auto [kernel, features] : llvm::zip_equal(kernels, forFeatures))
    kernel.spec.rare = features && !often.contains(kernel.key);
}

std::vector<ListedKernel> listKernels(nn::ProgramOp program) {
  std::vector<ListedKernel> kernels;
  std::vector<bool> forFeatures;
  for (auto entry : program.getOps<func::FuncOp>()) {
    kernel::Over over = kernel::Over::Nothing;
    for (Operation &op : entry.getBody().front())
      if (auto stage = dyn_cast<kernel::StageOp>(op)) {
        over = stage.getOver();
      } else if (auto kernel = dyn_cast<kernel::FusedOp>(op)) {
        schedule::KernelSpec spec = buildSpec(kernel, over);
        std::string key = schedule::hashOf(spec.toJson());
        int64_t rows = over == kernel::Over::Samples ? kernel::rowsPerSample(kernel, program.getBatch()) : 1;
        kernels.push_back({kernel, std::move(spec), std::move(key), describe(kernel), rows});
        forFeatures.push_back(entry->getAttrOfType<StringAttr>(nn::kEntryAttr).getValue() == "features");
      }
  }
  markRare(kernels, forFeatures);
  return kernels;
}

llvm::Expected<CompiledKernels>
compileKernels(nn::ProgramOp program, KernelStore &store, const ScheduleChoices &choices,
               llvm::function_ref<void(size_t, size_t)> progress) {
  std::vector<ListedKernel> listed = listKernels(program);
  std::vector<schedule::KernelSpec> specs;
  std::vector<std::string> schedules, names;
  for (const ListedKernel &kernel : listed) {
    specs.push_back(kernel.spec);
    schedules.push_back(choices.lookup(kernel.key));
    names.push_back(kernel.name);
  }
  auto compiled = store.compile(specs, schedules, names, progress);
  if (!compiled) return compiled.takeError();
  CompiledKernels all;
  llvm::StringSet<> seen;
  Builder builder(program);
  for (auto [each, schedule, result] : llvm::zip_equal(listed, schedules, *compiled)) {
    kernel::FusedOp kernel = each.op;
    if (!schedule.empty() && result.info.schedule != schedule) all.refused.push_back(kernel);
    kernel.setSymbol(result.symbol);
    kernel.setSchedule(result.info.schedule);
    kernel.setReference(result.info.reference);
    Operation *loop = kernel::recurrenceIn(kernel);
    int64_t runs = loop ? nn::recurrenceOf(loop)->steps : 1;
    kernel.setFlopsAttr(builder.getF64FloatAttr(result.info.flopsPerSample * each.rows * runs));
    SmallVector<Attribute> types;
    SmallVector<bool> sliced;
    for (const schedule::TensorType &type : result.info.scratch) {
      if (type.sliced > 0) return llvm::createStringError("kernel '" + each.name + "' wants scratch cut along an inner dimension: a bug of nncc");
      types.push_back(TypeAttr::get(tensorOf(program.getContext(), type)));
      sliced.push_back(type.sliced == 0);
    }
    kernel.setScratchAttr(builder.getArrayAttr(types));
    kernel.setSlicedScratchAttr(builder.getDenseBoolArrayAttr(sliced));
    kernel.setKeptScratchAttr(builder.getDenseBoolArrayAttr(
        SmallVector<bool>(result.info.kept.begin(), result.info.kept.end())));
    if (!seen.insert(result.object).second) continue;
    all.objects.push_back(result.object);
    all.chosen += result.info.schedule == schedule;
  }
  return all;
}

KernelNumbers numberKernels(nn::ProgramOp program) {
  KernelNumbers numbers;
  for (auto entry : program.getOps<func::FuncOp>())
    entry.walk([&](kernel::FusedOp kernel) { numbers.try_emplace(kernel, numbers.size()); });
  return numbers;
}

llvm::Expected<std::string> printKernels(nn::ProgramOp program, KernelStore &store, bool assembly) {
  std::string text;
  llvm::StringSet<> seen;
  for (const ListedKernel &kernel : listKernels(program)) {
    if (!seen.insert(kernel.spec.toJson()).second) continue;
    auto printed = store.print(kernel.spec, kernel.name, assembly);
    if (!printed) return printed.takeError();
    text += "// " + kernel.name + "\n" + *printed + "\n";
  }
  return text;
}

} // namespace nncc::codegen
