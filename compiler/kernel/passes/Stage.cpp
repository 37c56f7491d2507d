//===- Stage.cpp - orders kernels into stages ------------------------------===//
//
// A stage number for each kernel: no smaller than those of the kernels it reads, and larger
// where the two are cut differently, or what is read are partial sums or a whole batch. Kernels of one number are
// cut alike, because the three ways to cut take turns: nothing (0), samples (1), elements (2),
// nothing (3), ...
//
//===----------------------------------------------------------------------===//
#include "kernel/Passes.h"
#include "kernel/Views.h"

using namespace mlir;

namespace nncc::kernel {
#define GEN_PASS_DEF_STAGEPASS
#include "kernel/Passes.h.inc"

namespace {

struct Placed {
  FusedOp kernel;
  int64_t stage;
};

class Stages {
public:
  Stages(func::FuncOp function, int64_t batch, int64_t lanes) : function(function), batch(batch), lanes(lanes) {}

  LogicalResult run() {
    for (BlockArgument argument : function.getArguments())
      if (auto role = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), nn::kRoleAttr);
          role && llvm::is_contained({nn::role::kInput, nn::role::kTarget, nn::role::kSampleIds},
                                     role.getValue()))
        batched.insert(argument);
    Block &block = function.getBody().front();
    for (Operation &op : block)
      if (auto kernel = dyn_cast<FusedOp>(op)) {
        place(kernel);
        if (failed(checkRows(kernel))) return failure();
      } else if (isView(&op) && !op.hasTrait<nn::ShowsWholeBatch>() && batched.contains(op.getOperand(0))) {
        batched.insert(op.getResult(0));
      }
    if (failed(writeLast())) return failure();
    reorder();
    return success();
  }

private:
  static Over cut(int64_t stage) {
    constexpr Over turns[] = {Over::Nothing, Over::Samples, Over::Elements};
    return turns[stage % 3];
  }

  // The first stage from `stage` on that is cut so.
  static int64_t next(int64_t stage, Over over) {
    while (cut(stage) != over) ++stage;
    return stage;
  }

  // Can any part of the results' elements be computed from the same part of the inputs'?
  static bool isElementwise(FusedOp kernel) {
    return llvm::all_of(kernel.getBody().front().without_terminator(), [](Operation &op) {
      auto fusible = dyn_cast<nn::FusibleOpInterface>(op);
      if (op.hasTrait<nn::ReducesElements>()) return true;
      // A view in a kernel shows the same elements in the same order.
      return fusible && llvm::is_contained({nn::FusionRole::Pointwise, nn::FusionRole::View}, fusible.getFusionRole());
    });
  }

  // Can the kernel work on the elements of the same rows as one that computes `rows`?
  static bool goesThroughRows(FusedOp kernel, Type rows) {
    return isElementwise(kernel) && llvm::all_of(kernel.getInputs().getTypes(), [&](Type type) {
      return cast<RankedTensorType>(type).getRank() == 0 || type == rows;
    });
  }

  void place(FusedOp kernel) {
    SmallVector<bool> slicedInputs, slicedResults;
    int64_t stage = 0;
    bool overSamples = false;
    for (Value input : kernel.getInputs()) {
      overSamples |= batched.contains(input);
      slicedInputs.push_back(batched.contains(input));
      Value shown = viewed(input);
      auto producer = shown.getDefiningOp<FusedOp>();
      if (!producer) continue;
      // Partial sums, and the samples of a whole batch, are complete when their stage has ended.
      bool partial = producer.getAccumulates()[cast<OpResult>(shown).getResultNumber()] || showsWholeBatch(input) ||
                     (rowsIn(producer) && !goesThroughRows(kernel, shown.getType()));
      stage = std::max(stage, placed[stageOf.lookup(producer)].stage + partial);
    }
    if (overSamples)
      stage = next(stage, Over::Samples);
    else if (stage > 0)
      stage = next(stage, isElementwise(kernel) || rowsIn(kernel) ? Over::Elements : Over::Nothing);
    for (auto [result, accumulates] : llvm::zip_equal(kernel.getResults(), kernel.getAccumulates())) {
      slicedResults.push_back(overSamples && !accumulates);
      if (slicedResults.back()) batched.insert(result);
    }
    stageOf[kernel] = placed.size();
    placed.push_back({kernel, stage});
    setSliced(kernel, slicedInputs, slicedResults);
  }

  // A slice is one number of samples for the whole kernel: all that it cuts has as many rows of each.
  LogicalResult checkRows(FusedOp kernel) {
    int64_t rows = rowsPerSample(kernel, batch);
    auto fits = [&](auto values, ArrayRef<bool> sliced) {
      return llvm::all_of(llvm::zip_equal(values, sliced), [&](auto entry) {
        auto [value, cut] = entry;
        return !cut || (rows > 0 && rowsPerSample(value.getType(), batch) == rows);
      });
    };
    if (fits(kernel.getInputs(), kernel.getSlicedInputs()) && fits(kernel.getResults(), kernel.getSlicedResults()))
      return success();
    return kernel.emitError("this is a bug in nncc, not in the model: kernel '")
           << kernel.getName() << "' cuts tensors with different numbers of rows for each of " << batch << " samples";
  }

  void setSliced(FusedOp kernel, ArrayRef<bool> inputs, ArrayRef<bool> results) {
    Builder builder(kernel);
    kernel.setSlicedInputsAttr(builder.getDenseBoolArrayAttr(inputs));
    kernel.setSlicedResultsAttr(builder.getDenseBoolArrayAttr(results));
  }

  // Whoever writes a parameter runs after all who read it.
  LogicalResult writeLast() {
    int64_t last = 0;
    for (Placed &entry : placed) last = std::max(last, entry.stage);
    last = next(last, Over::Elements);
    for (Operation &op : function.getBody().front()) {
      auto write = dyn_cast<nn::WriteOp>(op);
      if (!write) continue;
      auto kernel = write.getValue().getDefiningOp<FusedOp>();
      if (!kernel) return write.emitError("writes a value that no kernel computes");
      auto result = cast<OpResult>(write.getValue()).getResultNumber();
      if (kernel.getInPlace()[result] < 0)
        return write.emitError("writes what its kernel did not read: the old value may still be in use");
      placed[stageOf.lookup(kernel)].stage = last;
    }
    for (Placed &entry : placed)
      if (rowsIn(entry.kernel)) delay(entry);
    for (Placed &entry : placed) {
      if (cut(entry.stage) != Over::Elements) continue;
      // Elementwise kernels: everything is cut that is no scalar and no sum of the elements.
      auto isTensor = [](Type type) { return cast<RankedTensorType>(type).getRank() > 0; };
      SmallVector<bool> results = llvm::map_to_vector(entry.kernel.getResultTypes(), isTensor);
      for (auto [sliced, accumulates] : llvm::zip_equal(results, entry.kernel.getAccumulates()))
        sliced &= !accumulates;
      SmallVector<bool> inputs = llvm::map_to_vector(entry.kernel.getInputs().getTypes(), isTensor);
      if (rowsIn(entry.kernel))
        for (auto [index, sliced] : llvm::enumerate(inputs)) sliced = slicedDimension(entry.kernel, index) == 1;
      setSliced(entry.kernel, inputs, results);
    }
    return success();
  }

  // A kernel of rows runs just before those that read its result, if these go through its rows.
  void delay(Placed &entry) {
    int64_t first = std::numeric_limits<int64_t>::max();
    for (Value result : entry.kernel.getResults())
      for (Operation *user : result.getUsers()) {
        auto reader = dyn_cast<FusedOp>(user);
        if (!reader || !goesThroughRows(reader, result.getType())) return;
        first = std::min(first, placed[stageOf.lookup(reader)].stage);
      }
    if (first != std::numeric_limits<int64_t>::max()) entry.stage = first;
  }

  int64_t chainsIn(int64_t stage) {
    SmallVector<FusedOp> kernels;
    for (Placed &entry : placed)
      if (entry.stage == stage) kernels.push_back(entry.kernel);
    return chainsOf(kernels).size();
  }

  void reorder() {
    Block &block = function.getBody().front();
    Operation *terminator = block.getTerminator();
    for (auto read : llvm::to_vector(block.getOps<nn::ReadOp>()))
      read->moveBefore(&block, block.begin());
    llvm::stable_sort(placed, [](const Placed &a, const Placed &b) { return a.stage < b.stage; });
    OpBuilder builder(function.getContext());
    int64_t current = -1;
    for (Placed &entry : placed) {
      if (entry.stage != current) {
        current = entry.stage;
        Over over = cut(current);
        builder.setInsertionPoint(terminator);
        StageOp::create(builder, entry.kernel.getLoc(), over, over == Over::Nothing ? chainsIn(current) : lanes, 0,
                        /*joined=*/false);
      }
      entry.kernel->moveBefore(terminator);
    }
    // Views stand right behind what they show; writes come last.
    for (Operation *view : llvm::to_vector(llvm::make_pointer_range(block))) {
      if (!isView(view)) continue;
      if (Operation *producer = view->getOperand(0).getDefiningOp())
        view->moveAfter(producer);
      else
        view->moveBefore(&block, block.begin());
    }
    for (auto write : llvm::to_vector(block.getOps<nn::WriteOp>())) write->moveBefore(terminator);
  }

  func::FuncOp function;
  int64_t batch, lanes;
  DenseSet<Value> batched;
  SmallVector<Placed> placed;
  DenseMap<Operation *, size_t> stageOf;
};

class Stage : public impl::StagePassBase<Stage> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (failed(Stages(function, getOperation().getBatch(), getOperation().getLanes()).run())) return signalPassFailure();
  }
};

} // namespace
} // namespace nncc::kernel
