//===- Infer.cpp - modal ops outside of training ---------------------------===//
#include "nn/Passes.h"

using namespace mlir;

namespace nncc::nn {
#define GEN_PASS_DEF_INFERPASS
#include "nn/Passes.h.inc"

namespace {

class Infer : public impl::InferPassBase<Infer> {
  void runOnOperation() override {
    // The step has its forms already: `nn-differentiate` makes it so.
    SmallVector<ModalOpInterface> ops;
    getOperation().walk([&](ModalOpInterface op) { ops.push_back(op); });
    for (ModalOpInterface op : ops) {
      OpBuilder builder(op);
      op.toInference(builder);
    }
  }
};

} // namespace
} // namespace nncc::nn
