//===- Plan.cpp - places of buffers, sizes of slices -----------------------===//
//
// Greedy by first fit: buffers in the order of their first use take the lowest place that
// is free while they live. Lives are counted in kernels within a worker's part and in whole
// stages in the shared part.
//
//===----------------------------------------------------------------------===//
#include "kernel/Passes.h"

using namespace mlir;

namespace nncc::kernel {
#define GEN_PASS_DEF_PLANPASS
#include "kernel/Passes.h.inc"

namespace {

int64_t aligned(int64_t bytes) { return llvm::alignTo(bytes, kAlignment); }

// Gives out offsets. Requests come in the order of their first moment.
class FirstFit {
public:
  int64_t place(int64_t bytes, int64_t first, int64_t last) {
    bytes = aligned(bytes);
    llvm::erase_if(live, [&](const Taken &taken) { return taken.last < first; });
    llvm::sort(live, [](const Taken &a, const Taken &b) { return a.offset < b.offset; });
    int64_t offset = 0;
    for (const Taken &taken : live) {
      if (taken.offset - offset >= bytes) break;
      offset = std::max(offset, taken.offset + taken.bytes);
    }
    live.push_back({offset, bytes, last});
    size = std::max(size, offset + bytes);
    return offset;
  }
  int64_t total() const { return size; }

private:
  struct Taken {
    int64_t offset, bytes, last;
  };
  SmallVector<Taken> live;
  int64_t size = 0;
};

struct StageSpan {
  StageOp op;
  SmallVector<FusedOp> kernels;
};

class Plan {
public:
  Plan(func::FuncOp function, int64_t batch, int64_t lanes, int64_t cacheBytes)
      : function(function), batch(batch), lanes(lanes), cacheBytes(cacheBytes) {}

  void run() {
    for (Operation &op : function.getBody().front())
      if (auto stage = dyn_cast<StageOp>(op))
        stages.push_back({stage, {}});
      else if (auto kernel = dyn_cast<FusedOp>(op))
        stages.back().kernels.push_back(kernel);
    for (auto [index, stage] : llvm::enumerate(stages))
      for (auto [position, kernel] : llvm::enumerate(stage.kernels))
        moments[kernel] = {int64_t(index), int64_t(position)};
    for (StageSpan &stage : stages) chooseSlice(stage);
    FirstFit shared;
    int64_t workerBytes = 0;
    for (StageSpan &stage : stages) {
      FirstFit worker;
      placeKept(stage, worker);
      for (FusedOp kernel : stage.kernels) place(kernel, stage.op, shared, worker);
      workerBytes = std::max(workerBytes, worker.total());
    }
    Builder builder(function);
    function->setAttr(kArenaBytesAttr, builder.getI64IntegerAttr(shared.total()));
    function->setAttr(kWorkerBytesAttr, builder.getI64IntegerAttr(workerBytes));
  }

private:
  struct Moment {
    int64_t stage, position;
  };

  // How long a result lives, seen through views, and where it goes.
  struct Life {
    Moment last;
    bool leavesStage = false;
    std::optional<int64_t> output;
    bool written = false;
  };

  Life lifeOf(Value value, Moment born) {
    Life life{born};
    SmallVector<Value> work{value};
    while (!work.empty())
      for (OpOperand &use : work.pop_back_val().getUses()) {
        Operation *user = use.getOwner();
        if (isa<nn::ReshapeOp>(user)) {
          work.push_back(user->getResult(0));
        } else if (isa<func::ReturnOp>(user)) {
          life.output = use.getOperandNumber();
        } else if (isa<nn::WriteOp>(user)) {
          life.written = true;
        } else {
          Moment use = moments.lookup(user);
          life.leavesStage |= use.stage != born.stage;
          if (std::pair(use.stage, use.position) > std::pair(life.last.stage, life.last.position))
            life.last = use;
        }
      }
    return life;
  }

  // Bytes of what a worker keeps of one sample in the stage, all buffers at once: more than
  // the plan will need, but what has just been written is still in the cache with the rest.
  void chooseSlice(StageSpan &stage) {
    if (stage.op.getOver() != Over::Samples || stage.op.getSlice() > 0) return;
    int64_t most = 0;
    for (FusedOp kernel : stage.kernels) {
      int64_t bytes = 0;
      for (auto [input, sliced] : llvm::zip_equal(kernel.getInputs(), kernel.getSlicedInputs()))
        if (sliced) bytes += bytesOf(input.getType()) / batch;
      for (auto [result, sliced] : llvm::zip_equal(kernel.getResults(), kernel.getSlicedResults()))
        if (sliced) bytes += bytesOf(result.getType()) / batch;
      most = std::max(most, bytes);
    }
    int64_t share = llvm::divideCeil(batch, lanes);
    // The rest of the cache is for weights and what a kernel keeps on its stack.
    int64_t fitting = most ? std::max<int64_t>(1, cacheBytes * 3 / 4 / most) : share;
    // Even slices: each call of a kernel also has work that does not depend on its samples.
    int64_t slices = llvm::divideCeil(share, fitting);
    stage.op.setSlice(llvm::divideCeil(share, slices));
  }

  void placeKept(const StageSpan &stage, FirstFit &worker) {
    for (FusedOp kernel : stage.kernels) {
      if (!kernel.getScratch()) continue;
      for (auto [index, kept] : llvm::enumerate(*kernel.getKeptScratch()))
        if (kept)
          keptPlaces[{kernel, index}] = worker.place(bytesOf(cast<TypeAttr>((*kernel.getScratch())[index]).getValue()),
                                                     0, stage.kernels.size());
    }
  }

  void place(FusedOp kernel, StageOp stage, FirstFit &shared, FirstFit &worker) {
    Moment born = moments.lookup(kernel);
    int64_t slice = stage.getOver() == Over::Samples ? stage.getSlice() : batch;
    SmallVector<Attribute> buffers, scratch;
    auto at = [&](Space space, int64_t offset, int64_t bytes) {
      return BufferAttr::get(function.getContext(), space, offset, bytes);
    };
    for (auto [index, result] : llvm::enumerate(kernel.getResults())) {
      Life life = lifeOf(result, born);
      int64_t bytes = bytesOf(result.getType());
      if (life.written) {
        buffers.push_back(at(Space::Symbol, 0, bytes));
      } else if (life.output) {
        buffers.push_back(at(Space::Output, *life.output, bytes));
      } else if (kernel.getAccumulates()[index]) {
        // Every lane starts aligned: kernels may read what they add to with aligned vectors.
        // Lanes of a single number lie side by side.
        if (cast<RankedTensorType>(result.getType()).getRank() > 1) bytes = aligned(bytes / lanes) * lanes;
        buffers.push_back(at(Space::Lanes, shared.place(bytes, born.stage, life.last.stage), bytes));
      } else if (kernel.getSlicedResults()[index] && stage.getOver() == Over::Samples &&
                 !life.leavesStage) {
        bytes = bytes / batch * slice;
        buffers.push_back(
            at(Space::Worker, worker.place(bytes, born.position, life.last.position), bytes));
      } else {
        buffers.push_back(at(Space::Shared, shared.place(bytes, born.stage, life.last.stage), bytes));
      }
    }
    if (auto types = kernel.getScratch())
      for (auto [type, sliced, kept] :
           llvm::zip_equal(types->getAsValueRange<TypeAttr>(), *kernel.getSlicedScratch(), *kernel.getKeptScratch())) {
        int64_t total = bytesOf(type);
        if (sliced) total = total / batch * slice;
        // What is kept stands through all slices: it has a place of its own from the first kernel on.
        int64_t offset = kept ? keptPlaces.lookup({kernel, scratch.size()})
                              : worker.place(total, born.position, born.position);
        scratch.push_back(at(Space::Worker, offset, total));
      }
    Builder builder(kernel);
    kernel.setBuffersAttr(builder.getArrayAttr(buffers));
    kernel.setScratchBuffersAttr(builder.getArrayAttr(scratch));
  }

  func::FuncOp function;
  int64_t batch, lanes, cacheBytes;
  SmallVector<StageSpan> stages;
  DenseMap<Operation *, Moment> moments;
  DenseMap<std::pair<Operation *, int64_t>, int64_t> keptPlaces;  // by kernel and scratch buffer
};

class PlanBuffers : public impl::PlanPassBase<PlanBuffers> {
public:
  using PlanPassBase::PlanPassBase;
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      Plan(function, getOperation().getBatch(), getOperation().getLanes(), cacheBytes).run();
  }
};

} // namespace
} // namespace nncc::kernel
