//===- Shape.cpp - views and permutations ----------------------------------===//
#include "nn/Definitions.h"
#include "nn/Folding.h"

using namespace mlir;

namespace nncc::nn {

// Does each row of one type's dimension 0 hold whole rows of the other's, in the same order?
static bool folds(RankedTensorType src, RankedTensorType dst) {
  if (src.getRank() < 1 || dst.getRank() < 1) return false;
  int64_t from = src.getDimSize(0), to = dst.getDimSize(0);
  return from == to || (from > 0 && to > 0 && (from % to == 0 || to % from == 0));
}

LogicalResult ReshapeOp::verify() {
  auto src = tensorType(getSrc()), dst = tensorType(getDst());
  if (src.getElementType() != dst.getElementType() || src.getNumElements() != dst.getNumElements() ||
      !folds(src, dst))
    return emitOpError("must keep the element type and number, and dimension 0 or a multiple or part of it, found ")
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
  auto inner = getSrc().getDefiningOp<ReshapeOp>();
  if (inner && folds(tensorType(inner.getSrc()), tensorType(getDst()))) {
    getSrcMutable().assign(inner.getSrc());
    return getDst();
  }
  return {};
}

Value foldSteps(LayerBuilder &layer, Value src, int64_t kept) {
  auto type = tensorType(src);
  if (type.getRank() == kept + 1) return src;
  SmallVector<int64_t> shape{1};
  for (int64_t size : type.getShape().drop_back(kept)) shape[0] *= size;
  llvm::append_range(shape, type.getShape().take_back(kept));
  auto view = [&](Value value) -> Value { return layer.create<ReshapeOp>(tensorType(value).clone(shape), value); };
  Value shown = src;
  while (auto reshape = shown.getDefiningOp<ReshapeOp>()) shown = reshape.getSrc();
  auto rescale = shown.getDefiningOp<RescaleOp>();
  if (!rescale || !folds(tensorType(rescale.getSrc()), type.clone(shape))) return view(src);
  return layer.create<RescaleOp>(view(rescale.getSrc()), rescale.getScaleAttr(), rescale.getOffsetAttr(),
                                 rescale.getTypeAttr());
}

Value unfoldSteps(LayerBuilder &layer, Value folded, Value like, int64_t kept) {
  if (tensorType(like).getRank() == kept + 1) return folded;
  SmallVector<int64_t> shape(shapeOf(like).drop_back(kept));
  llvm::append_range(shape, shapeOf(folded).drop_front());
  return layer.create<ReshapeOp>(tensorType(folded).clone(shape), folded);
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
