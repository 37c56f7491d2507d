//===- WholeGradients.cpp - dense weights' gradients of a whole batch ------===//
#include "kernel/passes/WholeGradients.h"
#include "kernel/Dialect.h"
#include "nn/ops/Metric.h"

using namespace mlir;

namespace nncc::kernel {

namespace {

// Every tile of rows reads the gradient of all samples, which has to stay in half of a small L2 cache.
constexpr int64_t kGradientBytes = 256 << 10;

bool isWorthWhole(nn::DenseBwdWeightsOp op, int64_t batch, int64_t lanes) {
  int64_t sources = bytesOf(op.getSrc().getType()), gradients = bytesOf(op.getDiffDst().getType());
  int64_t sums = bytesOf(op.getDiffWeights().getType()) * lanes;
  return !op.getDiffWeights().use_empty() && rowsPerSample(op.getSrc().getType(), batch) > 0 &&
         gradients <= kGradientBytes && sources + gradients < sums;
}

} // namespace

void takeGradientsWhole(func::FuncOp function, int64_t batch, int64_t lanes) {
  Value samples;
  for (BlockArgument argument : function.getArguments())
    if (auto role = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), nn::kRoleAttr);
        role && role.getValue() == nn::role::kSamples)
      samples = argument;
  if (!samples) return;
  for (auto op : llvm::to_vector(function.getOps<nn::DenseBwdWeightsOp>())) {
    if (!isWorthWhole(op, batch, lanes)) continue;
    OpBuilder builder(op);
    Location loc = op.getLoc();
    Value src = nn::WholeBatchOp::create(builder, loc, op.getSrc());
    Value diff = nn::WholeBatchOp::create(builder, loc, op.getDiffDst());
    Value whole = nn::DenseBwdWeightsWholeOp::create(builder, loc, src, diff, samples,
                                                     rowsPerSample(op.getSrc().getType(), batch));
    op.getDiffWeights().replaceAllUsesWith(whole);
    if (op->use_empty()) op.erase();
  }
}

} // namespace nncc::kernel
