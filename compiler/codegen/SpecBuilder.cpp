//===- SpecBuilder.cpp - a fused kernel as the schedule room wants it ------===//
#include "codegen/SpecBuilder.h"
#include "kernel/Loops.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace nncc::codegen {

namespace {

schedule::ElementType elementOf(Type type) {
  if (type.isF32()) return schedule::ElementType::F32;
  if (type.isF64()) return schedule::ElementType::F64;
  if (type.isUnsignedInteger(8)) return schedule::ElementType::U8;
  if (type.isSignlessInteger(32)) return schedule::ElementType::I32;
  assert(type.isSignlessInteger(64) && "an element type that no op of nn has");
  return schedule::ElementType::I64;
}

// Does the value hold one partial sum a lane?
bool hasLanes(Value value) {
  auto result = dyn_cast<OpResult>(value);
  auto kernel = result ? dyn_cast<kernel::FusedOp>(result.getOwner()) : kernel::FusedOp();
  return kernel && kernel.getAccumulates()[result.getResultNumber()];
}

schedule::TensorType typeOf(Type type, bool sliced, bool lanes, kernel::Over over) {
  auto tensor = cast<RankedTensorType>(type);
  schedule::TensorType spec{elementOf(tensor.getElementType()), {}, -1};
  if (over != kernel::Over::Elements || !sliced) {
    assert((!lanes || tensor.getRank() == 1) &&
           "sums of tensors by lane are read by kernels that are cut over elements");
    spec.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
    if (sliced) spec.sliced = 0;
    return spec;
  }
  // Elements are counted as the plan places them: each lane starts aligned. The run-time
  // extent of a slice stays within those that there are.
  int64_t elements = tensor.getNumElements() / (lanes ? tensor.getDimSize(0) : 1);
  int64_t bytes = schedule::sizeInBytes(spec.element);
  int64_t padded = llvm::alignTo(elements * bytes, kernel::kAlignment) / bytes;
  if (lanes) spec.shape = {tensor.getDimSize(0), padded};
  else spec.shape = {padded};
  spec.sliced = lanes ? 1 : 0;
  return spec;
}

schedule::Attributes attributesOf(Operation &op) {
  schedule::Attributes attributes;
  for (NamedAttribute attribute : op.getAttrs()) {
    auto &list = attributes[attribute.getName().str()];
    bool known = llvm::TypeSwitch<Attribute, bool>(attribute.getValue())
                     .Case([&](DenseI64ArrayAttr values) {
                       list.assign(values.asArrayRef().begin(), values.asArrayRef().end());
                       return true;
                     })
                     .Case([&](DenseF64ArrayAttr values) {
                       list.assign(values.asArrayRef().begin(), values.asArrayRef().end());
                       return true;
                     })
                     .Case([&](FloatAttr value) {
                       list = {value.getValueAsDouble()};
                       return true;
                     })
                     .Case([&](BoolAttr value) {
                       list = {double(value.getValue())};
                       return true;
                     })
                     .Case([&](IntegerAttr value) {
                       list = {double(value.getInt())};
                       return true;
                     })
                     .Default([](Attribute) { return false; });
    // Types are in the results; nothing else may get lost.
    if (!known) {
      assert(isa<TypeAttr>(attribute.getValue()) && "an attribute that a spec cannot carry");
      attributes.erase(attribute.getName().str());
    }
  }
  return attributes;
}

} // namespace

schedule::TensorType bufferType(Value value, bool sliced, kernel::Over over) {
  return typeOf(value.getType(), sliced, hasLanes(value), over);
}

schedule::TensorType bufferType(RankedTensorType type, bool sliced) {
  return typeOf(type, sliced, false, kernel::Over::Samples);
}

schedule::TensorType inputType(kernel::FusedOp kernel, unsigned input, kernel::Over over) {
  bool sliced = kernel.getSlicedInputs()[input];
  // Rows of a result are no elements: they and what they are computed from keep their shapes.
  if (kernel::rowsIn(kernel)) over = kernel::Over::Samples;
  schedule::TensorType type = bufferType(kernel.getInputs()[input], sliced, over);
  if (sliced) type.sliced += kernel::slicedDimension(kernel, input);
  return type;
}

schedule::TensorType resultType(kernel::FusedOp kernel, unsigned result, kernel::Over over) {
  if (kernel::rowsIn(kernel)) over = kernel::Over::Samples;
  return bufferType(kernel.getResult(result), kernel.getSlicedResults()[result], over);
}

RankedTensorType tensorOf(MLIRContext *context, const schedule::TensorType &type) {
  auto element = [&]() -> Type {
    switch (type.element) {
    case schedule::ElementType::U8: return IntegerType::get(context, 8, IntegerType::Unsigned);
    case schedule::ElementType::I32: return IntegerType::get(context, 32);
    case schedule::ElementType::I64: return IntegerType::get(context, 64);
    case schedule::ElementType::F32: return Float32Type::get(context);
    case schedule::ElementType::F64: return Float64Type::get(context);
    }
    llvm_unreachable("all element types are listed");
  };
  return RankedTensorType::get(type.shape, element());
}

schedule::TensorType stepType(RankedTensorType sequence, int64_t columns) {
  return {elementOf(sequence.getElementType()), {sequence.getDimSize(0), columns}, 0, /*strided=*/true};
}

// One step of a loop over time (nn/ops/Recurrent.h).
static schedule::KernelSpec buildStep(kernel::FusedOp kernel, Operation *op) {
  nn::Recurrence loop = *nn::recurrenceOf(op);
  schedule::KernelSpec spec;
  schedule::Node node{op->getName().stripDialect().str(), {}, {}, {}};
  auto add = [&](schedule::TensorType type) {
    node.operands.push_back({true, int(spec.arguments.size()), 0});
    spec.arguments.push_back(std::move(type));
  };
  for (const nn::Recurrence::Read &read : loop.reads) {
    Value value = read.result ? op->getResult(read.number) : op->getOperand(read.number);
    auto type = cast<RankedTensorType>(value.getType());
    if (read.when != nn::Recurrence::When::Whole) {
      add(stepType(type, type.getDimSize(2)));
      continue;
    }
    unsigned input = cast<BlockArgument>(value).getArgNumber();
    add(bufferType(kernel.getInputs()[input], kernel.getSlicedInputs()[input], kernel::Over::Samples));
  }
  for (unsigned scalar = 0; scalar < loop.numbers(); ++scalar) add({schedule::ElementType::I32, {}, -1});
  for (auto [name, number] : loop.attributes) node.attributes[name.str()] = {number};
  SmallVector<int> firstPart;
  for (OpResult result : op->getResults()) {
    auto type = cast<RankedTensorType>(result.getType());
    firstPart.push_back(node.results.size());
    node.results.insert(node.results.end(), type.getDimSize(2) / loop.units, stepType(type, loop.units));
  }
  for (Value yielded : op->getBlock()->getTerminator()->getOperands()) {
    auto result = cast<OpResult>(yielded);
    int64_t parts = cast<RankedTensorType>(result.getType()).getDimSize(2) / loop.units;
    for (int64_t part = 0; part < parts; ++part)
      spec.results.push_back({{false, 0, int(firstPart[result.getResultNumber()] + part)}});
  }
  spec.nodes.push_back(std::move(node));
  spec.anchor = 0;
  return spec;
}

schedule::KernelSpec buildSpec(kernel::FusedOp kernel, kernel::Over over) {
  if (Operation *loop = kernel::recurrenceIn(kernel)) return buildStep(kernel, loop);
  const kernel::Over inside = kernel::rowsIn(kernel) ? kernel::Over::Samples : over;
  schedule::KernelSpec spec;
  DenseMap<Value, schedule::ValueRef> refs;
  // Values with samples: those that depend on a sliced input without summing over it.
  DenseSet<Value> batched;
  Block &body = kernel.getBody().front();
  for (auto [argument, sliced] : llvm::zip_equal(body.getArguments(), kernel.getSlicedInputs())) {
    refs[argument] = {true, int(spec.arguments.size()), 0};
    if (sliced) batched.insert(argument);
    spec.arguments.push_back(inputType(kernel, spec.arguments.size(), over));
  }
  for (Operation &op : body.without_terminator()) {
    schedule::Node node{op.getName().stripDialect().str(), {}, attributesOf(op), {}};
    bool sliced = false;
    for (Value operand : op.getOperands()) {
      node.operands.push_back(refs.at(operand));
      sliced |= batched.contains(operand);
    }
    sliced &= !op.hasTrait<nn::ReducesSamples>() && !op.hasTrait<nn::ReducesElements>();
    for (OpResult result : op.getResults()) {
      refs[result] = {false, int(spec.nodes.size()), int(result.getResultNumber())};
      if (sliced) batched.insert(result);
      node.results.push_back(typeOf(result.getType(), sliced, false, inside));
    }
    if (auto fusible = dyn_cast<nn::FusibleOpInterface>(op))
      if (fusible.getFusionRole() == nn::FusionRole::Anchor) spec.anchor = spec.nodes.size();
    spec.nodes.push_back(std::move(node));
  }
  for (auto [value, accumulates, inPlace] :
       llvm::zip_equal(body.getTerminator()->getOperands(), kernel.getAccumulates(),
                       kernel.getInPlace()))
    spec.results.push_back({refs.at(value), accumulates, int(inPlace)});
  auto program = kernel->getParentOfType<nn::ProgramOp>();
  spec.exact = spec.anchor >= 0 && program && program.getTrain().contains(nn::kNumericsAttr);
  return spec;
}

} // namespace nncc::codegen
