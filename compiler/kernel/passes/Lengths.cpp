//===- Lengths.cpp - kernels that stop where the longest sample ends -------===//
//
// A sequence is a value [N,T,...] or, step by step, [N*T,...]. Its rows behind the longest sample of a task are
// `read` if some result of the entry depends on them, and `zero` if they are zeros by what the ops are. Both are
// said of what the ops compute, so that they hold whether kernels stop or not.
//
//===----------------------------------------------------------------------===//
#include "kernel/Dialect.h"
#include "kernel/Passes.h"
#include "nn/ops/Recurrent.h"
#include "nn/ops/Sequence.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace nncc::kernel {
#define GEN_PASS_DEF_LENGTHSPASS
#include "kernel/Passes.h.inc"

namespace {

// The sequences of one input with lengths, in one entry function.
class Sequences {
public:
  Sequences(BlockArgument lengths, int64_t batch, int64_t steps) : lengths(lengths), batch(batch), steps(steps) {}

  bool stops(FusedOp kernel) {
    auto known = stopping.find(kernel);
    if (known != stopping.end()) return known->second;
    bool stops = nn::isRecurrence(&kernel.getBody().front().front()) ? recurrenceStops(kernel) : rowsStop(kernel);
    return stopping[kernel] = stops;
  }

private:
  bool isSequence(Type type) const {
    ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
    return (shape.size() >= 2 && shape[0] == batch && shape[1] == steps) || isFolded(type);
  }
  bool isFolded(Type type) const {
    ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
    return shape.size() >= 2 && shape[0] == batch * steps;
  }

  // What a value of a kernel's body is outside of it; null for what the body computes.
  static Value outside(Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    if (!argument) return {};
    auto kernel = dyn_cast<FusedOp>(argument.getOwner()->getParentOp());
    return kernel ? kernel.getInputs()[argument.getArgNumber()] : Value();
  }
  bool isLengths(Value value) const { return value && outside(value) == lengths; }

  //===--- kernels ---===//

  bool recurrenceStops(FusedOp kernel) {
    Operation *op = &kernel.getBody().front().front();
    nn::Recurrence loop = *nn::recurrenceOf(op);
    if (!loop.lengths || !isLengths(op->getOperand(*loop.lengths)) || loop.steps != steps) return false;
    // What reaches a state behind the last step is passed on to the steps before.
    auto isZeroOrAbsent = [&](Value value) { return !value || isZero(value); };
    bool addsZeros = llvm::TypeSwitch<Operation *, bool>(op)
                         .Case([&](nn::LstmBwdOp op) {
                           return isZeroOrAbsent(op.getDiffHidden()) && isZeroOrAbsent(op.getDiffCells());
                         })
                         .Case<nn::GruBwdOp, nn::SimpleRnnBwdOp>([&](auto op) { return isZero(op.getDiffHidden()); })
                         .Default([](Operation *) { return true; });
    return addsZeros && llvm::none_of(kernel.getResults(), [&](Value result) { return isRead(result); });
  }

  // A kernel over steps as if they were samples.
  bool rowsStop(FusedOp kernel) {
    auto areFolded = [&](auto values, ArrayRef<bool> sliced) {
      return llvm::all_of(llvm::zip_equal(values, sliced), [&](auto entry) {
        auto [value, cut] = entry;
        return !cut || isFolded(value.getType());
      });
    };
    if (steps < 2 || !llvm::is_contained(kernel.getSlicedInputs(), true) ||
        !areFolded(kernel.getInputs(), kernel.getSlicedInputs()) ||
        !areFolded(kernel.getResults(), kernel.getSlicedResults()))
      return false;
    auto yielded = kernel.getBody().front().getTerminator()->getOperands();
    for (auto [value, result, accumulates] :
         llvm::zip_equal(yielded, kernel.getResults(), kernel.getAccumulates())) {
      if (!accumulates) {
        if (isRead(result)) return false;
        continue;
      }
      auto sum = value.getDefiningOp<nn::DenseBwdWeightsOp>();
      if (!sum || !isZero(sum.getDiffDst())) return false;
    }
    // Steps of one sample say nothing of another's.
    return llvm::all_of(kernel.getBody().front().without_terminator(), [&](Operation &op) {
      return isa<nn::DenseOp, nn::DenseBwdDataOp, nn::DenseBwdWeightsOp>(op) || isRowwise(&op);
    });
  }

  static bool isRowwise(Operation *op) {
    auto fusible = dyn_cast<nn::FusibleOpInterface>(op);
    return fusible && (fusible.getFusionRole() == nn::FusionRole::Pointwise ||
                       fusible.getFusionRole() == nn::FusionRole::Row);
  }

  //===--- who reads the steps behind the longest sample ---===//

  bool isRead(Value value) {
    auto known = read.find(value);
    if (known != read.end()) return known->second;
    bool result = !isSequence(value.getType()) ||
                  llvm::any_of(value.getUses(), [&](OpOperand &use) { return reads(use); });
    return read[value] = result;
  }

  bool reads(OpOperand &use) {
    Operation *op = use.getOwner();
    if (auto kernel = dyn_cast<FusedOp>(op)) {
      if (!llvm::is_contained(kernel.getInputs(), use.get())) return true;
      if (nn::isRecurrence(&kernel.getBody().front().front())) return recurrenceReads(kernel, use.getOperandNumber());
      return isRead(kernel.getBody().front().getArgument(use.getOperandNumber()));
    }
    if (auto yield = dyn_cast<YieldOp>(op)) {
      auto kernel = cast<FusedOp>(yield->getParentOp());
      return isRead(kernel.getResult(use.getOperandNumber()));
    }
    if (isa<nn::ReshapeOp>(op)) return isRead(op->getResult(0));
    if (isa<nn::MaskStepsOp, nn::LastStepOp>(op)) return use.getOperandNumber() != 0 || !isLengths(op->getOperand(1));
    if (isa<nn::DenseBwdWeightsOp>(op)) return !stops(op->getParentOfType<FusedOp>());
    if (isa<nn::DenseOp, nn::DenseBwdDataOp>(op)) return use.getOperandNumber() != 0 || isRead(op->getResult(0));
    if (auto slice = dyn_cast<nn::SliceOp>(op)) return sliceReads(slice);
    if (auto pad = dyn_cast<nn::PadOp>(op)) return moves(pad) || isRead(pad.getResult());
    if (auto join = dyn_cast<nn::ConcatenateOp>(op)) return join.getAxis() < 2 || isRead(join.getResult());
    if (isRowwise(op)) return llvm::any_of(op->getResults(), [&](Value result) { return isRead(result); });
    return true;
  }

  // A loop over all steps uses gates in the steps that a sample has; its gradient adds up what it is given.
  bool recurrenceReads(FusedOp kernel, unsigned input) {
    Operation *op = &kernel.getBody().front().front();
    if (stops(kernel)) return false;
    std::optional<unsigned> known = nn::recurrenceOf(op)->lengths;
    bool isGates = op->getOperand(0) == kernel.getBody().front().getArgument(input);
    return !known || !isLengths(op->getOperand(*known)) || !isGates || !isa<nn::LstmOp, nn::GruOp, nn::SimpleRnnOp>(op);
  }

  // Of the first step, of features, or of all steps but one, which then stand a step later or earlier.
  bool sliceReads(nn::SliceOp slice) {
    ArrayRef<int64_t> begin = slice.getBegin(), size = slice.getSize();
    if (isFolded(slice.getSrc().getType()) || size[0] != batch) return true;
    if (begin[1] + size[1] <= 1) return false;
    if (size[1] == steps) return isRead(slice.getResult());
    // A step earlier: what follows the longest sample's last step is the state before the first one of a loop
    // that runs backwards, which such a loop puts there.
    if (size[1] != steps - 1 || (begin[1] == 1 && !isOfLoop(slice.getSrc()))) return true;
    return llvm::any_of(slice.getResult().getUsers(), [&](Operation *user) {
      auto pad = dyn_cast<nn::PadOp>(user);
      bool isMoved = pad && isSequence(pad.getType()) && pad.getBefore()[0] == 0 && pad.getAfter()[0] == 0 &&
                     pad.getBefore()[1] == 1 - begin[1];
      return !isMoved || isRead(pad.getResult());
    });
  }

  static bool moves(nn::PadOp pad) {
    return pad.getBefore()[0] || pad.getBefore()[1] || pad.getAfter()[0] || pad.getAfter()[1];
  }

  // Is it what a recurrence, not its gradient, gives?
  static bool isOfLoop(Value value) {
    Value given = outside(value);
    auto kernel = given ? given.getDefiningOp<FusedOp>() : FusedOp();
    return kernel && isa<nn::LstmOp, nn::GruOp, nn::SimpleRnnOp>(kernel.getBody().front().front());
  }

  //===--- what is zero behind the longest sample ---===//

  bool isZero(Value value) {
    if (Value given = outside(value)) return isZero(given);
    Operation *op = value.getDefiningOp();
    if (!op) return false;
    auto operandIsZero = [&](unsigned i) { return isZero(op->getOperand(i)); };
    return llvm::TypeSwitch<Operation *, bool>(op)
        .Case([&](FusedOp kernel) {
          auto yield = kernel.getBody().front().getTerminator();
          return isZero(yield->getOperand(cast<OpResult>(value).getResultNumber()));
        })
        .Case<nn::LstmBwdOp, nn::GruBwdOp, nn::SimpleRnnBwdOp>([&](auto bwd) {
          return isGradientOfGates(bwd, value) && bwd.getLengths() && isLengths(bwd.getLengths());
        })
        .Case([&](nn::MaskStepsOp mask) {
          return isLengths(mask.getLengths()) && !mask.getFill() && mask.getValue().convertToDouble() == 0;
        })
        .Case([&](nn::LastStepBwdOp last) { return isLengths(last.getLengths()); })
        .Case([&](nn::SliceOp slice) { return slice.getSize()[1] == steps && operandIsZero(0); })
        .Case([&](nn::PadOp pad) {
          auto src = cast<RankedTensorType>(pad.getSrc().getType());
          bool isFirstStep = src.getDimSize(1) == 1 && pad.getBefore()[1] == 0;
          return isSequence(pad.getType()) && (isFirstStep || (!moves(pad) && operandIsZero(0)));
        })
        .Case<nn::ReshapeOp, nn::DenseBwdDataOp, nn::RandomDropoutOp>([&](auto) { return operandIsZero(0); })
        .Case<nn::ReluBwdOp, nn::LeakyReluBwdOp, nn::EluBwdOp, nn::GeluBwdOp, nn::SiluBwdOp, nn::SigmoidBwdOp,
              nn::TanhBwdOp, nn::SoftplusBwdOp>([&](auto activation) { return isZero(activation.getDiffDst()); })
        .Case<nn::AddOp>([&](auto) { return operandIsZero(0) && operandIsZero(1); })
        .Case([&](nn::ConcatenateOp join) {
          return join.getAxis() >= 2 && llvm::all_of(join.getSrcs(), [&](Value part) { return isZero(part); });
        })
        .Default([](Operation *) { return false; });
  }

  // The others are of the states, and carry what came from behind.
  static bool isGradientOfGates(nn::LstmBwdOp op, Value value) { return value == op.getDiffGates(); }
  static bool isGradientOfGates(nn::SimpleRnnBwdOp op, Value value) { return value == op.getDiffGates(); }
  static bool isGradientOfGates(nn::GruBwdOp op, Value value) {
    return value == op.getDiffGates() || value == op.getDiffSums();
  }

  BlockArgument lengths;
  int64_t batch, steps;
  llvm::DenseMap<Operation *, bool> stopping;
  llvm::DenseMap<Value, bool> read;
};

class Lengths : public impl::LengthsPassBase<Lengths> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) mark(function);
  }

  void mark(func::FuncOp function) {
    // Of each argument that tells lengths, by the loops that read it, the number of steps.
    llvm::MapVector<BlockArgument, int64_t> found;
    function.walk([&](FusedOp kernel) {
      Operation *op = &kernel.getBody().front().front();
      std::optional<nn::Recurrence> loop = nn::recurrenceOf(op);
      if (!loop || !loop->lengths) return;
      auto inside = dyn_cast<BlockArgument>(op->getOperand(*loop->lengths));
      Value given = inside ? viewed(kernel.getInputs()[inside.getArgNumber()]) : Value();
      if (auto argument = dyn_cast_or_null<BlockArgument>(given)) found.insert({argument, loop->steps});
    });
    Builder builder(function);
    for (auto [argument, steps] : found) {
      Sequences sequences(argument, getOperation().getBatch(), steps);
      bool overSamples = false;
      for (Operation &op : function.getBody().front()) {
        if (auto stage = dyn_cast<StageOp>(op)) overSamples = stage.getOver() == Over::Samples;
        auto kernel = dyn_cast<FusedOp>(op);
        if (!kernel || !overSamples || !sequences.stops(kernel)) continue;
        kernel.setLengthsAttr(builder.getI64IntegerAttr(argument.getArgNumber()));
        ++numStopping;
      }
    }
  }
};

} // namespace

} // namespace nncc::kernel
