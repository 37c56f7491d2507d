//===- Kernels.cpp - compiles the kernels of a program ---------------------===//
#include "codegen/Kernels.h"
#include "codegen/SpecBuilder.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace nncc::codegen {

namespace {

struct Listed {
  std::vector<kernel::FusedOp> kernels;
  std::vector<schedule::KernelSpec> specs;
  std::vector<std::string> names;
};

// "conv2d+relu of layer conv2d_1".
std::string describe(kernel::FusedOp kernel) {
  std::string name = kernel.getName().str();
  if (auto layer = dyn_cast<NameLoc>(kernel.getLoc())) name += " of layer " + layer.getName().str();
  return name;
}

// Kernels that only looking at features needs are to hold up the compiler as little as may be.
// Those that another entry has too come from there.
void markRare(Listed &all, const std::vector<bool> &forFeatures) {
  llvm::StringSet<> often;
  for (auto [spec, features] : llvm::zip_equal(all.specs, forFeatures))
    if (!features) often.insert(spec.toJson());
  for (size_t i = 0; i < all.specs.size(); ++i)
    all.specs[i].rare = forFeatures[i] && !often.contains(all.specs[i].toJson());
}

Listed list(nn::ProgramOp program) {
  Listed all;
  std::vector<bool> forFeatures;
  for (auto entry : program.getOps<func::FuncOp>()) {
    kernel::Over over = kernel::Over::Nothing;
    for (Operation &op : entry.getBody().front())
      if (auto stage = dyn_cast<kernel::StageOp>(op)) {
        over = stage.getOver();
      } else if (auto kernel = dyn_cast<kernel::FusedOp>(op)) {
        all.kernels.push_back(kernel);
        all.specs.push_back(buildSpec(kernel, over));
        all.names.push_back(describe(kernel));
        forFeatures.push_back(entry->getAttrOfType<StringAttr>(nn::kEntryAttr).getValue() == "features");
      }
  }
  markRare(all, forFeatures);
  return all;
}

} // namespace

llvm::Expected<std::vector<std::string>>
compileKernels(nn::ProgramOp program, KernelStore &store,
               llvm::function_ref<void(size_t, size_t)> progress) {
  Listed all = list(program);
  auto compiled = store.compile(all.specs, all.names, progress);
  if (!compiled) return compiled.takeError();
  std::vector<std::string> objects;
  llvm::StringSet<> seen;
  Builder builder(program);
  for (auto [op, result] : llvm::zip_equal(all.kernels, *compiled)) {
    kernel::FusedOp kernel = op;
    kernel.setSymbol(result.symbol);
    kernel.setSchedule(result.info.schedule);
    kernel.setReference(result.info.reference);
    kernel.setFlopsAttr(builder.getF64FloatAttr(result.info.flopsPerSample));
    SmallVector<Attribute> types;
    SmallVector<bool> sliced;
    for (const schedule::TensorType &type : result.info.scratch) {
      if (type.sliced > 0) return llvm::createStringError("kernel '" + describe(kernel) + "' wants scratch cut along an inner dimension: a bug of nncc");
      types.push_back(TypeAttr::get(tensorOf(program.getContext(), type)));
      sliced.push_back(type.sliced == 0);
    }
    kernel.setScratchAttr(builder.getArrayAttr(types));
    kernel.setSlicedScratchAttr(builder.getDenseBoolArrayAttr(sliced));
    if (seen.insert(result.object).second) objects.push_back(result.object);
  }
  return objects;
}

llvm::Expected<std::string> printKernels(nn::ProgramOp program, KernelStore &store, bool assembly) {
  Listed all = list(program);
  std::string text;
  llvm::StringSet<> seen;
  for (auto [spec, name] : llvm::zip_equal(all.specs, all.names)) {
    if (!seen.insert(spec.toJson()).second) continue;
    auto printed = store.print(spec, name, assembly);
    if (!printed) return printed.takeError();
    text += "// " + name + "\n" + *printed + "\n";
  }
  return text;
}

} // namespace nncc::codegen
