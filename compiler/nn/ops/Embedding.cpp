//===- Embedding.cpp - rows of a table: rules and layer --------------------===//
#include "nn/Definitions.h"
#include "nn/KernelOptions.h"
#include "nn/Folding.h"

using namespace mlir;

namespace nncc::nn {

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

// The shape of what rows of `columns` elements give for indices.
static SmallVector<int64_t> embedded(Value src, int64_t columns) {
  SmallVector<int64_t> shape(shapeOf(src));
  shape.push_back(columns);
  return shape;
}

static LogicalResult checkIndices(std::optional<Location> loc, Value src) {
  if (tensorType(src).getRank() >= 1) return success();
  return emitOptionalError(loc, "src must be [N,...], found ", src.getType());
}

LogicalResult EmbeddingOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  if (failed(checkIndices(loc, op.getSrc())) ||
      failed(checkRank(loc, "weights", op.getWeights(), 2, "[rows,columns]")))
    return failure();
  auto weights = tensorType(op.getWeights());
  types.push_back(weights.clone(embedded(op.getSrc(), weights.getDimSize(1))));
  return success();
}

void EmbeddingOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc())) return gradients.refuse(*this, "indices");
  if (gradients.wants(getWeights()))
    gradients.add(getWeights(), EmbeddingBwdWeightsOp::create(builder, getLoc(), getSrc(), diffResults[0],
                                                              builder.getI64IntegerAttr(shapeOf(getWeights())[0])));
}

LogicalResult EmbeddingBwdWeightsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                      Adaptor op, SmallVectorImpl<Type> &types) {
  auto diff = tensorType(op.getDiffDst());
  if (failed(checkIndices(loc, op.getSrc()))) return failure();
  if (diff.getRank() < 1 || diff.getShape() != ArrayRef(embedded(op.getSrc(), diff.getShape().back())))
    return emitOptionalError(loc, "diff_dst must have one dimension more than src ", op.getSrc().getType(),
                             ", found ", diff);
  int64_t rows = op.getRows();
  if (rows < 1) return emitOptionalError(loc, "at least one row expected, found ", rows);
  types.push_back(diff.clone({rows, diff.getShape().back()}));
  return success();
}

//===----------------------------------------------------------------------===//
// Layer
//===----------------------------------------------------------------------===//

namespace {
// Where the elements of a value stand in an input of the model.
struct Origin {
  BlockArgument input;            // null: they are computed
  SmallVector<int64_t> elements;  // of each element of a sample its number in the input's sample
  bool rescaled = false;          // on the way, so that they are other numbers
};
} // namespace

static Origin originOf(Value value) {
  if (auto input = dyn_cast<BlockArgument>(value)) {
    int64_t count = ShapedType::getNumElements(shapeOf(input).drop_front());
    return {input, llvm::to_vector(llvm::seq<int64_t>(0, count))};
  }
  if (auto reshape = value.getDefiningOp<ReshapeOp>()) return originOf(reshape.getSrc());
  if (auto rescale = value.getDefiningOp<RescaleOp>()) {
    Origin origin = originOf(rescale.getSrc());
    origin.rescaled |= !rescale.getScale().isExactlyValue(1) || !rescale.getOffset().isZero();
    return origin;
  }
  auto slice = value.getDefiningOp<SliceOp>();
  if (!slice) return {};
  Origin origin = originOf(slice.getSrc());
  // Of steps that are folded into the samples it takes something of each.
  if (!origin.input || shapeOf(slice.getSrc())[0] != shapeOf(origin.input)[0]) return {};
  ArrayRef<int64_t> begin = slice.getBegin(), size = slice.getSize(), from = shapeOf(slice.getSrc());
  SmallVector<int64_t> kept;
  for (int64_t element : llvm::seq(ShapedType::getNumElements(size.drop_front()))) {
    int64_t source = 0, stride = 1, rest = element;
    for (size_t dim = size.size(); dim-- > 1;) {
      source += (rest % size[dim] + begin[dim]) * stride;
      rest /= size[dim];
      stride *= from[dim];
    }
    kept.push_back(origin.elements[source]);
  }
  origin.elements = std::move(kept);
  return origin;
}

// Tells the readers of data that these elements of an input number one of `rows` rows. Another
// embedding may have told them so of the same elements: then the fewer rows count.
static void limitInput(Builder &builder, const Origin &origin, int64_t rows) {
  auto function = cast<func::FuncOp>(origin.input.getOwner()->getParentOp());
  unsigned number = origin.input.getArgNumber();
  SmallVector<int64_t> limits(ShapedType::getNumElements(shapeOf(origin.input).drop_front()), 0);
  if (auto known = function.getArgAttrOfType<DenseI64ArrayAttr>(number, kLimitsAttr))
    limits.assign(known.asArrayRef().begin(), known.asArrayRef().end());
  for (int64_t element : origin.elements) {
    int64_t &limit = limits[element];
    limit = limit == 0 ? rows : std::min(limit, rows);
  }
  function.setArgAttr(number, kLimitsAttr, builder.getDenseI64ArrayAttr(limits));
}

static Value buildEmbedding(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  Value src = inputs[0];
  int64_t rows = options.integer("input_dim"), columns = options.integer("output_dim");
  Origin origin = originOf(src);
  if (origin.input && origin.rescaled) {
    layer.error(layer.loc) << "embedding expects indices, but the input's scale or offset changes them; leave both "
                              "out of the input";
    return {};
  }
  if (origin.input) limitInput(layer.builder, origin, rows);
  return layer.create<EmbeddingOp>(src, kernelWeight(layer, options, {rows, columns}, "embeddings", "embeddings"));
}

LayerSpec embeddingLayer() {
  return {"embedding",
          "For each index of its input, from 0 to input_dim - 1, a learned row of a table. The data's indices are "
          "checked where they are read; those that other layers compute are held to that range.",
          // A 32-bit float holds the integers up to 2^24.
          {{"input_dim", OptionKind::Integer, std::nullopt, "rows of the table: one more than the largest index", 1, {}, 1, 1 << 24},
           {"output_dim", OptionKind::Integer, std::nullopt, "length of a row", 1, {}, 1, 1 << 20},
           initializerOption("embeddings", "random_uniform", "the table"),
           regularizerOption("embeddings", "the table")},
          1,
          1,
          buildEmbedding,
          keepsSteps};
}

} // namespace nncc::nn
