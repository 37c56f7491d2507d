//===- Dropout.cpp - rules and layer of dropout ----------------------------===//
#include "nn/Definitions.h"
#include "nn/Folding.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;

namespace nncc::nn {

LogicalResult DropoutOp::verify() {
  double rate = getRate().convertToDouble();
  if (!(rate >= 0 && rate < 1)) return emitOpError("rate must be from 0 to below 1, found ") << rate;
  return success();
}

void DropoutOp::toTraining(OpBuilder &builder, StepValues &step) {
  // Random numbers are counted by sample: steps that are folded into the samples unfold before.
  Value src = getSrc(), ids = step.sampleIds();
  auto type = tensorType(src);
  int64_t samples = shapeOf(ids)[0];
  if (type.getDimSize(0) != samples && type.getDimSize(0) % samples == 0) {
    SmallVector<int64_t> shape{samples, type.getDimSize(0) / samples};
    llvm::append_range(shape, type.getShape().drop_front());
    src = ReshapeOp::create(builder, getLoc(), type.clone(shape), src);
  }
  Value dst = RandomDropoutOp::create(builder, getLoc(), src, ids, step.seed(), step.iteration(), getRateAttr(),
                                      getStreamAttr());
  if (src != getSrc()) dst = ReshapeOp::create(builder, getLoc(), type, dst);
  getResult().replaceAllUsesWith(dst);
  erase();
}

void DropoutOp::toInference(OpBuilder &) {
  getResult().replaceAllUsesWith(getSrc());
  erase();
}

LogicalResult RandomDropoutOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                Adaptor op, SmallVectorImpl<Type> &types) {
  auto src = tensorType(op.getSrc());
  if (src.getRank() < 1 || shapeOf(op.getSampleIds()) != src.getShape().take_front())
    return emitOptionalError(loc, "sample_ids must have one number for each of the samples of src ",
                             src, ", found ", op.getSampleIds().getType());
  if (failed(checkRank(loc, "seed", op.getSeed(), 0, "a scalar")) ||
      failed(checkRank(loc, "iteration", op.getIteration(), 0, "a scalar")))
    return failure();
  double rate = op.getRate().convertToDouble();
  if (!(rate >= 0 && rate < 1))
    return emitOptionalError(loc, "rate must be from 0 to below 1, found ", rate);
  types.push_back(src);
  return success();
}

// Linear, and the same numbers come out again.
void RandomDropoutOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), RandomDropoutOp::create(builder, getLoc(), diffResults[0], getSampleIds(),
                                                    getSeed(), getIteration(), getRateAttr(),
                                                    getStreamAttr()));
}

LayerSpec dropoutLayer() {
  return {"dropout",
          "In training, sets a random part of the values to 0 and scales up the others.",
          {{"rate", OptionKind::Number, std::nullopt, "share of values set to 0", 1, {}, 0, 0.999}},
          1,
          1,
          [](LayerBuilder &layer, const Options &options, ValueRange inputs) -> Value {
            // The layer's name, so that another layer more or less changes no other's numbers.
            int64_t stream = llvm::xxh3_64bits(layer.layer) & 0x7fffffff;
            return layer.create<DropoutOp>(inputs[0], layer.builder.getF64FloatAttr(options.number("rate")),
                                           layer.builder.getI64IntegerAttr(stream));
          },
          keepsSteps};
}

} // namespace nncc::nn
