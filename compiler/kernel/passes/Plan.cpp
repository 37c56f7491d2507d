//===- Plan.cpp - places of buffers ----------------------------------------===//
//
// Greedy by first fit: buffers in the order of their first use take the lowest place that
// is free while they live. Lives are counted in kernels within a worker's part and in whole
// stages in the shared part. How many samples a slice has is decided before (Slices.h).
//
//===----------------------------------------------------------------------===//
#include "kernel/Passes.h"
#include "kernel/Views.h"
#include "kernel/passes/Slices.h"

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

// A stage's marker and what it runs. Those that are joined to the one before are a phase of it.
struct Phase {
  StageOp op;
  int64_t stage;         // without the joined ones
  int64_t first = 0, last = -1;  // its kernels among those of the stage
  SmallVector<FusedOp> kernels;
};

class Plan {
public:
  Plan(func::FuncOp function, int64_t batch, int64_t lanes) : function(function), batch(batch), lanes(lanes) {}

  void run() {
    for (Operation &op : function.getBody().front())
      if (auto stage = dyn_cast<StageOp>(op)) {
        bool joined = stage.getJoined();
        int64_t number = phases.empty() ? 0 : phases.back().stage + !joined;
        int64_t first = joined ? phases.back().last + 1 : 0;
        phases.push_back({stage, number, first, first - 1, {}});
      } else if (auto kernel = dyn_cast<FusedOp>(op)) {
        Phase &phase = phases.back();
        moments[kernel] = {phase.stage, int64_t(phases.size()) - 1, ++phase.last};
        phase.kernels.push_back(kernel);
      }
    FirstFit shared, worker;
    int64_t workerBytes = 0;
    for (Phase &phase : phases) {
      if (!phase.op.getJoined()) worker = FirstFit();
      placeWhole(phase, shared, worker);
      for (FusedOp kernel : phase.kernels) place(kernel, phase.op, shared, worker);
      workerBytes = std::max(workerBytes, worker.total());
    }
    Builder builder(function);
    function->setAttr(kArenaBytesAttr, builder.getI64IntegerAttr(shared.total()));
    function->setAttr(kWorkerBytesAttr, builder.getI64IntegerAttr(workerBytes));
  }

private:
  struct Moment {
    int64_t stage, phase, position;  // the kernel's number in the stage
  };

  // How long a result lives, seen through views, and where it goes.
  struct Life {
    Moment last;
    bool leavesStage = false;
    std::optional<int64_t> output = {};
    bool written = false;
  };

  Life lifeOf(Value value, Moment born) {
    Life life{born};
    SmallVector<Value> work{value};
    while (!work.empty())
      for (OpOperand &use : work.pop_back_val().getUses()) {
        Operation *user = use.getOwner();
        if (isView(user)) {
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

  // Is it a worker's own, and do later phases of the stage read it?
  bool isTaskLocal(FusedOp kernel, int64_t result, const Life &life) {
    return kernel.getSlicedResults()[result] && !life.written && !life.output && !life.leavesStage &&
           life.last.phase != moments.lookup(kernel).phase;
  }

  // What stands through all slices of a phase has a place of its own from the phase's first kernel on:
  // what kernels keep, and what other phases read, which holds all samples of a task. What is kept for all
  // tasks is shared.
  void placeWhole(const Phase &phase, FirstFit &shared, FirstFit &worker) {
    for (FusedOp kernel : phase.kernels) {
      for (auto [index, result] : llvm::enumerate(kernel.getResults()))
        if (Life life = lifeOf(result, moments.lookup(kernel)); isTaskLocal(kernel, index, life)) {
          int64_t bytes = bytesOf(result.getType()) / batch * llvm::divideCeil(batch, lanes);
          taskPlaces[{kernel, index}] = {worker.place(bytes, phase.first, phases[life.last.phase].last), bytes};
        }
      if (!kernel.getScratch()) continue;
      for (auto [index, kept] : llvm::enumerate(*kernel.getKeptScratch())) {
        if (!kept) continue;
        int64_t bytes = bytesOf(cast<TypeAttr>((*kernel.getScratch())[index]).getValue());
        keptPlaces[{kernel, index}] = isPrepared(kernel) ? shared.place(bytes, phase.stage, phase.stage)
                                                         : worker.place(bytes, phase.first, phase.last);
      }
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
      } else if (auto found = taskPlaces.find({kernel, index}); found != taskPlaces.end()) {
        buffers.push_back(at(Space::Task, found->second.first, found->second.second));
      } else if (rowsIn(kernel) && !life.leavesStage) {
        bytes = bytes / cast<RankedTensorType>(result.getType()).getDimSize(0) * rowsOfSlice(kernel);
        buffers.push_back(
            at(Space::Worker, worker.place(bytes, born.position, life.last.position), bytes));
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
        int64_t offset = kept ? keptPlaces.lookup({kernel, scratch.size()})
                              : worker.place(total, born.position, born.position);
        scratch.push_back(at(kept && isPrepared(kernel) ? Space::Shared : Space::Worker, offset, total));
      }
    Builder builder(kernel);
    kernel.setBuffersAttr(builder.getArrayAttr(buffers));
    kernel.setScratchBuffersAttr(builder.getArrayAttr(scratch));
  }

  func::FuncOp function;
  int64_t batch, lanes;
  SmallVector<Phase> phases;
  DenseMap<Operation *, Moment> moments;
  // By kernel and result: offset and bytes.
  DenseMap<std::pair<Operation *, int64_t>, std::pair<int64_t, int64_t>> taskPlaces;
  DenseMap<std::pair<Operation *, int64_t>, int64_t> keptPlaces;  // by kernel and scratch buffer
};

class PlanBuffers : public impl::PlanPassBase<PlanBuffers> {
public:
  using PlanPassBase::PlanPassBase;
  void runOnOperation() override {
    int64_t batch = getOperation().getBatch(), lanes = getOperation().getLanes();
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      chooseSlices(function, batch, lanes, cacheBytes);
      Plan(function, batch, lanes).run();
    }
  }
};

} // namespace
} // namespace nncc::kernel
