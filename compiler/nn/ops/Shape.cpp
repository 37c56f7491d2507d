//===- Shape.cpp - views and permutations ----------------------------------===//
#include "nn/Definitions.h"
#include "nn/Shapes.h"

using namespace mlir;

namespace nncc::nn {

LogicalResult ReshapeOp::verify() {
  auto src = tensorType(getSrc()), dst = tensorType(getDst());
  if (src.getElementType() != dst.getElementType() || src.getNumElements() != dst.getNumElements() ||
      src.getRank() < 1 || dst.getRank() < 1 || src.getDimSize(0) != dst.getDimSize(0))
    return emitOpError("must keep dimension 0, the element type and their number, found ")
           << src << " -> " << dst;
  return success();
}

void ReshapeOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(),
                  ReshapeOp::create(builder, getLoc(), getSrc().getType(), diffResults[0]));
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getSrc().getType() == getDst().getType()) return getSrc();
  if (auto inner = getSrc().getDefiningOp<ReshapeOp>()) {
    getSrcMutable().assign(inner.getSrc());
    return getDst();
  }
  return {};
}

LogicalResult PermuteOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                          SmallVectorImpl<Type> &types) {
  auto src = tensorType(op.getSrc());
  SmallVector<int64_t> shape;
  for (int64_t dim : op.getPerm()) {
    if (dim < 0 || dim >= src.getRank())
      return emitOptionalError(loc, "perm names dimension ", dim, " of ", src);
    shape.push_back(src.getDimSize(dim));
  }
  types.push_back(RankedTensorType::get(shape, src.getElementType()));
  return success();
}

LogicalResult PermuteOp::verify() {
  SmallVector<int64_t> sorted(getPerm());
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, tensorType(getSrc()).getRank())))
    return emitOpError("perm must name each dimension of src once");
  return success();
}

void PermuteOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (!gradients.wants(getSrc())) return;
  SmallVector<int64_t> inverse(getPerm().size());
  for (auto [to, from] : llvm::enumerate(getPerm())) inverse[from] = to;
  gradients.add(getSrc(), PermuteOp::create(builder, getLoc(), diffResults[0],
                                            builder.getDenseI64ArrayAttr(inverse)));
}

LayerSpec flattenLayer() {
  return {"flatten", "All values of a sample in one row: [features].", {}, 1, 1,
          [](LayerBuilder &layer, const Options &, ValueRange inputs) -> Value {
            auto src = tensorType(inputs[0]);
            auto flat = RankedTensorType::get(
                {src.getDimSize(0), src.getNumElements() / src.getDimSize(0)}, src.getElementType());
            return layer.create<ReshapeOp>(flat, inputs[0]);
          }};
}

} // namespace nncc::nn
