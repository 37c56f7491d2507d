//===- Slices.cpp - how many samples go through a stage at a time ----------===//
//
// A slice is to stay in the cache from one kernel to the next, but weights that do not stay there
// themselves come again with every slice. Early layers have large samples and few weights, late ones
// small samples and many weights: so a stage may have phases, which a task goes through one behind
// the other, each in slices of its own size. What crosses from one to another is kept for all samples
// of a task. Chosen is what is expected to move the fewest bytes a sample, by dynamic programming over
// the places where a phase may end.
//
//===----------------------------------------------------------------------===//
#include "kernel/passes/Slices.h"
#include "nn/ops/Recurrent.h"

using namespace mlir;

namespace nncc::kernel {

namespace {

// Another phase has to save so many bytes a sample: about a hundredth of the time that a sample of a
// small network takes.
constexpr double kPhaseBytes = 64 << 10;

// What kernels move: `fixed` bytes with every slice (weights, sums), `sliced` ones with every sample, at
// most `most` of these in one kernel.
struct Traffic {
  int64_t fixed = 0, sliced = 0, most = 0;

  void add(const Traffic &other) {
    fixed += other.fixed;
    sliced += other.sliced;
    most = std::max(most, other.most);
  }
};

struct Slicing {
  int64_t slice = 1;
  double bytes = 0;  // moved for a sample
};

class Stage {
public:
  Stage(StageOp op, MutableArrayRef<FusedOp> kernels, int64_t batch, int64_t lanes, int64_t cacheBytes)
      : op(op), kernels(kernels), batch(batch), lanes(lanes), cacheBytes(cacheBytes) {}

  void choose() {
    size_t count = kernels.size();
    std::vector<Traffic> traffic;
    for (FusedOp kernel : kernels) traffic.push_back(trafficOf(kernel));
    std::vector<int64_t> crossing = crossings();
    // The best way to run the first `end` kernels: its last phase begins at kernel `begin`.
    struct Way {
      double bytes;
      size_t begin;
      int64_t slice;
    };
    std::vector<Way> best(count + 1, {0, 0, 1});
    for (size_t end = 1; end <= count; ++end) {
      best[end].bytes = std::numeric_limits<double>::infinity();
      Traffic phase;
      for (size_t begin = end; begin-- > 0;) {
        phase.add(traffic[begin]);
        Slicing slicing = slicingOf(phase);
        double bytes = best[begin].bytes + slicing.bytes + (begin ? kPhaseBytes + crossing[begin] / 2.0 : 0);
        if (bytes < best[end].bytes) best[end] = {bytes, begin, slicing.slice};
      }
    }
    for (size_t end = count; end > 0; end = best[end].begin) {
      size_t begin = best[end].begin;
      if (begin == 0) {
        op.setSlice(best[end].slice);
        return;
      }
      OpBuilder builder(kernels[begin]);
      StageOp::create(builder, kernels[begin].getLoc(), op.getOver(), op.getTasks(), best[end].slice, /*joined=*/true);
    }
  }

private:
  Traffic trafficOf(FusedOp kernel) const {
    Traffic traffic;
    for (auto [input, sliced] : llvm::zip_equal(kernel.getInputs(), kernel.getSlicedInputs()))
      (sliced ? traffic.most : traffic.fixed) += bytesOf(input.getType()) / (sliced ? batch : 1);
    for (auto [result, sliced, accumulates] :
         llvm::zip_equal(kernel.getResults(), kernel.getSlicedResults(), kernel.getAccumulates()))
      (sliced ? traffic.most : traffic.fixed) += bytesOf(result.getType()) / (sliced ? batch : accumulates ? lanes : 1);
    traffic.sliced = traffic.most;
    // A loop over time reads its weights in each step, and works on one step at a time.
    if (Operation *op = recurrenceIn(kernel)) {
      int64_t steps = nn::recurrenceOf(op)->steps;
      traffic.fixed *= steps;
      traffic.most /= steps;
    }
    if (auto types = kernel.getScratch())
      for (auto [type, sliced] : llvm::zip_equal(types->getAsValueRange<TypeAttr>(), *kernel.getSlicedScratch()))
        (sliced ? traffic.sliced : traffic.fixed) +=
            bytesOf(type) / (sliced ? batch : 1);
    return traffic;
  }

  // Of one phase.
  Slicing slicingOf(const Traffic &traffic) const {
    int64_t share = llvm::divideCeil(batch, lanes);
    bool stays = traffic.fixed <= cacheBytes / 2;
    Slicing best{1, std::numeric_limits<double>::infinity()};
    for (int64_t slices = 1; slices <= share; ++slices) {
      // Even slices: each call of a kernel also has work that does not depend on its samples.
      int64_t slice = llvm::divideCeil(share, slices);
      // The rest of the cache is for weights and what a kernel keeps on its stack. A single sample
      // takes what it takes.
      bool fits = slice == 1 || slice * traffic.most <= cacheBytes * 3 / 4;
      // What does not fit is written and read again.
      double bytes = double(traffic.fixed) / (stays ? share : slice) + (fits ? 0 : 2.0 * traffic.sliced);
      if (bytes < best.bytes) best = {slice, bytes};
    }
    return best;
  }

  // For each kernel what those before it leave, of a sample, for it and those behind it.
  std::vector<int64_t> crossings() {
    DenseMap<Operation *, size_t> places;
    for (auto [place, kernel] : llvm::enumerate(kernels)) places[kernel] = place;
    DenseMap<Value, size_t> lastUse;
    for (auto [place, kernel] : llvm::enumerate(kernels))
      for (Value input : kernel.getInputs()) lastUse[viewed(input)] = place;
    std::vector<int64_t> bytes(kernels.size() + 1, 0);
    for (auto [value, last] : lastUse) {
      auto producer = value.getDefiningOp<FusedOp>();
      auto born = places.find(producer);
      if (!producer || born == places.end()) continue;
      for (size_t place = born->second + 1; place <= last; ++place) bytes[place] += bytesOf(value.getType()) / batch;
    }
    return bytes;
  }

  StageOp op;
  MutableArrayRef<FusedOp> kernels;
  int64_t batch, lanes, cacheBytes;
};

} // namespace

void chooseSlices(func::FuncOp function, int64_t batch, int64_t lanes, int64_t cacheBytes) {
  SmallVector<std::pair<StageOp, SmallVector<FusedOp>>> stages;
  for (Operation &op : function.getBody().front())
    if (auto stage = dyn_cast<StageOp>(op)) stages.push_back({stage, {}});
    else if (auto kernel = dyn_cast<FusedOp>(op)) stages.back().second.push_back(kernel);
  for (auto &[stage, kernels] : stages)
    if (stage.getOver() == Over::Samples && stage.getSlice() == 0)
      Stage(stage, kernels, batch, lanes, cacheBytes).choose();
}

} // namespace nncc::kernel
