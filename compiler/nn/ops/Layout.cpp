//===- Layout.cpp - parts of tensors: rules, and layers that move elements -===//
#include "nn/Definitions.h"
#include "nn/Folding.h"
#include "nn/Shapes.h"
#include "nn/ops/Sequence.h"

using namespace mlir;

namespace nncc::nn {

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                        SmallVectorImpl<Type> &types) {
  auto src = tensorType(op.getSrc());
  auto begin = op.getBegin(), size = op.getSize();
  if (int64_t(begin.size()) != src.getRank() || int64_t(size.size()) != src.getRank())
    return emitOptionalError(loc, "begin and size must have a number for each dimension of ", src);
  for (int64_t i = 0; i < src.getRank(); ++i)
    if (begin[i] < 0 || size[i] < 1 || size[i] > src.getDimSize(i) - begin[i])
      return emitOptionalError(loc, "a slice of ", size[i], " from ", begin[i],
                               " does not lie in dimension ", i, " of ", src);
  if (src.getRank() < 1 || size[0] != src.getDimSize(0))
    return emitOptionalError(loc, "dimension 0, the samples, must be kept whole");
  types.push_back(RankedTensorType::get(size, src.getElementType()));
  return success();
}

void SliceOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (!gradients.wants(getSrc())) return;
  SmallVector<int64_t> after;
  for (auto [all, begin, size] : llvm::zip_equal(shapeOf(getSrc()), getBegin(), getSize()))
    after.push_back(all - begin - size);
  gradients.add(getSrc(), PadOp::create(builder, getLoc(), diffResults[0], getBegin(), after));
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                      SmallVectorImpl<Type> &types) {
  auto src = tensorType(op.getSrc());
  auto before = op.getBefore(), after = op.getAfter();
  if (int64_t(before.size()) != src.getRank() || int64_t(after.size()) != src.getRank())
    return emitOptionalError(loc, "before and after must have a number for each dimension of ", src);
  SmallVector<int64_t> shape(src.getShape());
  for (int64_t i = 0; i < src.getRank(); ++i) {
    if (before[i] < 0 || after[i] < 0)
      return emitOptionalError(loc, "before and after must not be negative, found ", before[i],
                               " and ", after[i], " for dimension ", i);
    shape[i] += before[i] + after[i];
  }
  if (src.getRank() < 1 || shape[0] != src.getDimSize(0))
    return emitOptionalError(loc, "dimension 0, the samples, cannot be padded");
  types.push_back(RankedTensorType::get(shape, src.getElementType()));
  return success();
}

void PadOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (gradients.wants(getSrc()))
    gradients.add(getSrc(), SliceOp::create(builder, getLoc(), diffResults[0], getBefore(),
                                            shapeOf(getSrc())));
}

LogicalResult ConcatenateOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                              Adaptor op, SmallVectorImpl<Type> &types) {
  if (op.getSrcs().empty()) return emitOptionalError(loc, "nothing to concatenate");
  auto first = tensorType(op.getSrcs()[0]);
  int64_t axis = op.getAxis();
  if (axis < 1 || axis >= first.getRank())
    return emitOptionalError(loc, "axis must be a dimension of ", first,
                             " and not 0, the samples; found ", axis);
  SmallVector<int64_t> shape(first.getShape());
  for (Value src : op.getSrcs().drop_front()) {
    SmallVector<int64_t> expected(first.getShape());
    auto type = tensorType(src);
    if (type.getRank() == first.getRank()) expected[axis] = type.getDimSize(axis);
    if (type != first.clone(expected))
      return emitOptionalError(loc, "the sources differ in more than dimension ", axis, ": ", first,
                               " and ", type);
    shape[axis] += type.getDimSize(axis);
  }
  types.push_back(first.clone(shape));
  return success();
}

void ConcatenateOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  int64_t begin = 0;
  for (Value src : getSrcs()) {
    SmallVector<int64_t> from(tensorType(src).getRank(), 0);
    from[getAxis()] = begin;
    begin += shapeOf(src)[getAxis()];
    if (gradients.wants(src))
      gradients.add(src, SliceOp::create(builder, getLoc(), diffResults[0], from, shapeOf(src)));
  }
}

LogicalResult UpsampleOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                           SmallVectorImpl<Type> &types) {
  if (failed(checkRank(loc, "src", op.getSrc(), 4, "[N,H,W,C]"))) return failure();
  auto size = op.getSize();
  if (size.size() != 2 || size[0] < 1 || size[1] < 1)
    return emitOptionalError(loc, "size must be two positive numbers");
  auto src = shapeOf(op.getSrc());
  types.push_back(
      tensorType(op.getSrc()).clone({src[0], src[1] * size[0], src[2] * size[1], src[3]}));
  return success();
}

// The sum over each block: its mean times its size.
void UpsampleOp::vjp(OpBuilder &builder, ArrayRef<Value> diffResults, Gradients &gradients) {
  if (!gradients.wants(getSrc())) return;
  int64_t none[] = {0, 0, 0, 0};
  Value means = AvgPool2DOp::create(builder, getLoc(), diffResults[0], getSize(), getSize(), none);
  gradients.add(getSrc(), RescaleOp::create(builder, getLoc(), means,
                                            builder.getF64FloatAttr(getSize()[0] * getSize()[1]),
                                            builder.getF64FloatAttr(0),
                                            TypeAttr::get(tensorType(means).getElementType())));
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

// True with an error where the input has another rank than `dims` names.
static bool refusesRank(LayerBuilder &layer, StringRef name, Value src, int64_t rank, StringRef dims) {
  if (tensorType(src).getRank() == rank) return false;
  layer.error(layer.loc) << name << " expects an input " << dims << ", found "
                         << sampleShape(src.getType());
  return true;
}

static constexpr const char *kImageDims = "[height, width, channels]";
static constexpr const char *kSequenceDims = "[steps, channels]";

static Value buildConcatenate(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  int64_t rank = tensorType(inputs[0]).getRank(), axis = options.integer("axis");
  if (axis < 0) axis += rank;
  if (axis < 1 || axis >= rank) {
    layer.error(options.location("axis"))
        << "axis from 1 to " << rank - 1 << ", or from " << 1 - rank
        << " to -1, expected for an input " << sampleShape(inputs[0].getType()) << ", found "
        << options.integer("axis") << "; axis 0 is the samples";
    return {};
  }
  for (Value input : inputs.drop_front()) {
    SmallVector<int64_t> expected(shapeOf(inputs[0])), found(shapeOf(input));
    if (found.size() == expected.size()) found[axis] = expected[axis];
    if (found != expected) {
      layer.error(layer.loc) << "concatenate expects inputs that differ along axis " << axis
                             << " only, found " << sampleShape(inputs[0].getType()) << " and "
                             << sampleShape(input.getType());
      return {};
    }
  }
  return layer.create<ConcatenateOp>(inputs, layer.builder.getI64IntegerAttr(axis));
}

static Value buildReshape(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  auto src = tensorType(inputs[0]);
  int64_t samples = src.getDimSize(0), features = src.getNumElements() / samples;
  SmallVector<int64_t> shape{samples};
  int64_t known = 1, open = 0;
  for (int64_t size : options.integers("target_shape")) {
    shape.push_back(size);
    // A product above all features fits none, and is kept from growing on.
    if (size > 0 && known <= features) known *= size;
    open = size == -1 ? shape.size() - 1 : open;
  }
  int64_t count = llvm::count(ArrayRef(shape), -1);
  if (count == 1 && features % known == 0) shape[open] = features / known;
  else if (count || llvm::is_contained(shape, 0) || known != features) {
    layer.error(options.location("target_shape"))
        << "a target_shape of " << features << " values expected for the input "
        << sampleShape(src) << ", with at most one -1 for what is left; found "
        << sampleShape(RankedTensorType::get(shape, src.getElementType()));
    return {};
  }
  return layer.create<ReshapeOp>(RankedTensorType::get(shape, src.getElementType()), inputs[0]);
}

static Value buildPermute(LayerBuilder &layer, const Options &options, ValueRange inputs) {
  SmallVector<int64_t> perm{0};
  llvm::append_range(perm, options.integers("dims"));
  SmallVector<int64_t> sorted{ArrayRef<int64_t>(perm).drop_front()};
  llvm::sort(sorted);
  int64_t rank = tensorType(inputs[0]).getRank();
  if (!llvm::equal(sorted, llvm::seq<int64_t>(1, rank))) {
    layer.error(options.location("dims")) << "each of the dimensions 1 to " << rank - 1
                                          << " of the input " << sampleShape(inputs[0].getType())
                                          << " expected once";
    return {};
  }
  return layer.create<PermuteOp>(inputs[0], layer.builder.getDenseI64ArrayAttr(perm));
}

// [before, after] of each spatial dimension, as amounts for all dimensions of the input.
static std::pair<SmallVector<int64_t>, SmallVector<int64_t>> borders(ArrayRef<int64_t> pairs,
                                                                     int64_t rank) {
  SmallVector<int64_t> before(rank, 0), after(rank, 0);
  for (size_t i = 0; i * 2 < pairs.size(); ++i) {
    before[i + 1] = pairs[i * 2];
    after[i + 1] = pairs[i * 2 + 1];
  }
  return {before, after};
}

static Value buildZeroPadding(LayerBuilder &layer, const Options &options, Value src) {
  auto [before, after] = borders(options.integers("padding"), tensorType(src).getRank());
  if (layer.lengths && tensorType(src).getRank() == 3) { // the zeros at the end of each sequence stand behind its own
    src = maskSteps(layer, src, 0);
    scaleLengths(layer, 1, before[1] + after[1], 1);
  }
  return layer.create<PadOp>(src, before, after);
}

static Value buildCropping(LayerBuilder &layer, const Options &options, Value src) {
  auto [begin, after] = borders(options.integers("cropping"), tensorType(src).getRank());
  SmallVector<int64_t> size;
  for (auto [all, first, last] : llvm::zip_equal(shapeOf(src), begin, after))
    size.push_back(all - first - last);
  if (llvm::any_of(size, [](int64_t left) { return left < 1; })) {
    layer.error(options.location("cropping"))
        << "cropping leaves nothing of the input " << sampleShape(src.getType())
        << "; crop less or leave the layer out";
    return {};
  }
  if (layer.lengths && tensorType(src).getRank() == 3) {
    src = maskSteps(layer, src, 0);
    scaleLengths(layer, 1, size[1] - shapeOf(src)[1], 1);
  }
  return layer.create<SliceOp>(src, begin, size);
}

static Value buildUpSampling(LayerBuilder &layer, const Options &options, Value src) {
  return layer.create<UpsampleOp>(src, options.integers("size"));
}

static Value buildUpSampling1D(LayerBuilder &layer, const Options &options, Value src) {
  auto shape = shapeOf(src);
  int64_t size = options.integer("size");
  auto type = tensorType(src);
  scaleLengths(layer, size, 0, 1);
  Value column = layer.create<ReshapeOp>(type.clone({shape[0], shape[1], 1, shape[2]}), src);
  Value dst = layer.create<UpsampleOp>(column, ArrayRef<int64_t>{size, 1});
  return layer.create<ReshapeOp>(type.clone({shape[0], shape[1] * size, shape[2]}), dst);
}

using BuildOne = Value (*)(LayerBuilder &, const Options &, Value);

// A layer over images or, with 1d in its name, over sequences.
static LayerSpec spatialLayer(const char *name, const char *doc, OptionSpec option, BuildOne build) {
  bool sequence = StringRef(name).ends_with("1d");
  auto checked = [=, name = std::string(name)](LayerBuilder &layer, const Options &options,
                                               ValueRange inputs) -> Value {
    if (refusesRank(layer, name, inputs[0], sequence ? 3 : 4, sequence ? kSequenceDims : kImageDims))
      return {};
    return build(layer, options, inputs[0]);
  };
  return {name, doc, {std::move(option)}, 1, 1, checked};
}

std::vector<LayerSpec> layoutLayers() {
  OptionSpec axis{"axis", OptionKind::Integer, "-1", "along which; -1 is the last one", 1, {}, -16, 16};
  // No sample has more values than a 32-bit index counts.
  OptionSpec shape{"target_shape", OptionKind::Integers, std::nullopt, "the shape of a sample; -1 stands for what is left", 0, {}, -1, 2147483648.};
  OptionSpec dims{"dims", OptionKind::Integers, std::nullopt, "which dimension of the input comes where, counted from 1", 0, {}, 1, 16};
  auto border = [](const char *name, const char *doc, int count) {
    return OptionSpec{name, OptionKind::Pairs, "1", doc, count, {}, 0, 4096};
  };
  auto size = [](OptionKind kind, int count) {
    return OptionSpec{"size", kind, "2", count == 2 ? "how often each value stands down and to the right" : "how often each step stands", count, {}, 1, 4096};
  };
  return {
      {"concatenate", "Its inputs one behind the other along one dimension, the others being equal.", {axis}, 2, 64, buildConcatenate,
       [](const Options &options) { return options.integer("axis") != 1; }},
      {"permute", "The dimensions of a sample in another order.", {dims}, 1, 1, buildPermute},
      {"reshape", "The values of a sample, in their order, under another shape.", {shape}, 1, 1, buildReshape,
       keepsSteps},
      spatialLayer("cropping1d", "Leaves out the first and last steps.",
                   border("cropping", "how many at the begin and at the end", 1), buildCropping),
      spatialLayer("cropping2d", "Leaves out the border.",
                   border("cropping", "rows at the top and bottom, columns at the left and right", 2), buildCropping),
      spatialLayer("up_sampling1d", "Repeats each step.", size(OptionKind::Integer, 1), buildUpSampling1D),
      spatialLayer("up_sampling2d", "Repeats each row and column: nearest-neighbour enlargement.",
                   size(OptionKind::Integers, 2), buildUpSampling),
      spatialLayer("zero_padding1d", "Adds steps of zeros.",
                   border("padding", "how many at the begin and at the end", 1), buildZeroPadding),
      spatialLayer("zero_padding2d", "Adds a border of zeros.",
                   border("padding", "rows at the top and bottom, columns at the left and right", 2), buildZeroPadding)};
}

} // namespace nncc::nn
