//===- Fuse.cpp - groups nn ops into kernels -------------------------------===//
//
// First, weights' gradients that are better summed over the whole batch are (WholeGradients.h). Then three
// sweeps over a straight-line function, each in program order:
//   1. groups: every anchor grows over the ops that follow it; row ops that share an
//      operand join; what nobody took and somebody outside needs is a kernel of its own;
//   2. prologues: pointwise ops and scatters in front of a group are copied into it;
//   3. each group becomes a kernel.fused at the place of its last op.
//
//===----------------------------------------------------------------------===//
#include "kernel/Passes.h"
#include "kernel/passes/WholeGradients.h"
#include "mlir/IR/IRMapping.h"
#include "nn/ops/Recurrent.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace nncc::kernel {
#define GEN_PASS_DEF_FUSEPASS
#include "kernel/Passes.h.inc"

namespace {

using nn::FusionRole;

FusionRole roleOf(Operation *op) {
  return cast<nn::FusibleOpInterface>(op).getFusionRole();
}

// An op that is cheap where its operand is read, so that a kernel may compute it again.
bool isPrologue(Operation *op) {
  if (!op || !isa<nn::FusibleOpInterface>(op)) return false;
  FusionRole role = roleOf(op);
  return role == FusionRole::Pointwise || role == FusionRole::Scatter;
}

bool reducesSamples(Operation *op) { return op->hasTrait<nn::ReducesSamples>(); }

// Do the tasks of a stage each give a part of the op's result?
bool givesPartialSums(Operation *op) {
  return reducesSamples(op) || op->hasTrait<nn::ReducesElements>();
}

// A view of sums over samples. They lie lane by lane until somebody reads them, so that nothing
// can show them under another shape before: who reads the view copies it behind the sum.
bool showsSums(Operation *op) {
  auto view = dyn_cast_or_null<nn::ReshapeOp>(op);
  if (!view) return false;
  Operation *producer = viewed(view).getDefiningOp();
  return producer && reducesSamples(producer);
}

bool isTensor(Value value) { return cast<RankedTensorType>(value.getType()).getRank() > 1; }

struct Group {
  SmallVector<Operation *> ops;  // in program order, prologues first
};

class Fusion {
public:
  Fusion(func::FuncOp function, int64_t lanes) : function(function), lanes(lanes) {}

  // Returns the number of kernels and of copied prologue ops.
  std::pair<unsigned, unsigned> run() {
    Block &block = function.getBody().front();
    for (Operation &op : block.without_terminator())
      if (isa<nn::FusibleOpInterface>(op)) ops.push_back(&op);
    for (Operation *op : ops)
      if (roleOf(op) == FusionRole::Anchor) grow(op);
    // Windows that follow no anchor.
    for (Operation *op : ops)
      if (roleOf(op) == FusionRole::Window && !groupOf.contains(op)) grow(op);
    for (Operation *op : ops)
      if (roleOf(op) == FusionRole::Row) joinRows(op);
    addLeftovers();
    unsigned copies = 0;
    for (Group &group : groups) copies += addPrologues(group);
    // Later groups may read earlier ones, so kernels are made in the order of their places.
    llvm::sort(groups, [](const Group &a, const Group &b) {
      return a.ops.back()->isBeforeInBlock(b.ops.back());
    });
    for (Group &group : groups) materialize(group);
    eraseFused();
    return {unsigned(groups.size()), copies};
  }

private:
  void start(ArrayRef<Operation *> members) {
    for (Operation *op : members) groupOf[op] = groups.size();
    groups.push_back({SmallVector<Operation *>(members)});
  }

  // The op by which a group may grow: the first to use what its last op computes. All that
  // others read of the group is stored and there when the grown group has run, at the place of
  // that op; null where somebody reads it before. Gradients, which stand far behind, thus do not
  // keep an activation from the sums that it is computed of.
  Operation *nextOf(ArrayRef<Operation *> members) {
    Operation *next = nullptr;
    for (Operation *user : members.back()->getResult(0).getUsers())
      if (!next || user->isBeforeInBlock(next)) next = user;
    for (Operation *member : members)
      for (Operation *user : member->getUsers())
        if (user != next && !llvm::is_contained(members, user) && user->isBeforeInBlock(next))
          return nullptr;
    return next;
  }

  // Does nobody but the group and `next` read it? A window's workspace aside, which is stored in
  // any case.
  bool isPrivate(ArrayRef<Operation *> members, Operation *next) {
    return llvm::all_of(members, [&](Operation *member) {
      return llvm::all_of(member->getResult(0).getUsers(), [&](Operation *user) {
        return user == next || llvm::is_contained(members, user);
      });
    });
  }

  // Takes the pointwise ops and the one window that follow and that alone read it.
  void grow(Operation *first) {
    SmallVector<Operation *> members{first};
    bool windowed = roleOf(first) == FusionRole::Window;
    while (!reducesSamples(members.back()) && !members.back()->hasTrait<nn::ComputesRows>()) {
      Operation *next = nextOf(members);
      if (!next || !isa<nn::FusibleOpInterface>(next) || groupOf.contains(next)) break;
      FusionRole role = roleOf(next);
      // Sums that are pooled are not stored as well.
      if (role == FusionRole::Window && !windowed && isPrivate(members, next))
        windowed = true;
      else if (role != FusionRole::Pointwise)
        break;
      // Everything else that it reads must be there already, and not by way of this group.
      members.push_back(next);
    }
    start(members);
  }

  // Row ops of one set of rows become one kernel if nobody needs a result of the group
  // before the new member's place.
  void joinRows(Operation *op) {
    for (Value operand : op->getOperands()) {
      // A loss's seed has no rows.
      if (cast<RankedTensorType>(operand.getType()).getRank() == 0) continue;
      SmallVector<Operation *> neighbours(operand.getUsers());
      if (Operation *producer = operand.getDefiningOp()) neighbours.push_back(producer);
      for (Operation *other : neighbours) {
        auto found = groupOf.find(other);
        if (other == op || found == groupOf.end() || roleOf(other) != FusionRole::Row) continue;
        Group &group = groups[found->second];
        if (!canExtend(group, op)) continue;
        groupOf[op] = found->second;
        group.ops.push_back(op);
        return;
      }
    }
    start({op});
  }

  bool canExtend(const Group &group, Operation *next) {
    for (Operation *member : group.ops) {
      if (!member->isBeforeInBlock(next)) return false;
      for (Operation *user : member->getUsers())
        if (!llvm::is_contained(group.ops, user) && user->isBeforeInBlock(next)) return false;
    }
    return true;
  }

  // Ops that no group took: those that are cheap enough to be copied are only needed where
  // something that cannot copy them reads them.
  void addLeftovers() {
    for (Operation *op : llvm::reverse(ops)) {
      if (groupOf.contains(op) || roleOf(op) == FusionRole::View) continue;
      bool needed = !isPrologue(op) || llvm::any_of(op->getUsers(), [&](Operation *user) {
        return !isa<nn::FusibleOpInterface>(user) || roleOf(user) == FusionRole::View || nn::isRecurrence(user);
      });
      // A pointwise op with several results (an optimizer's update) is never a prologue.
      if (needed || op->getNumResults() > 1 || isWorthKeeping(op)) start({op});
    }
  }

  // A chain of ops in front of several anchors that stand side by side, as the gradients of a
  // convolution for its source and its weights do: computed once, it is still in the cache for the
  // second, while each of them would compute it again for every tile that overlaps another. One op
  // alone is as cheap as the load, and a scatter alone tells an anchor where its zeros are.
  bool isWorthKeeping(Operation *op) {
    Operation *first = nullptr, *last = nullptr;
    for (Operation *user : op->getUsers()) {
      if (roleOf(user) != FusionRole::Anchor) return false;
      if (!first || user->isBeforeInBlock(first)) first = user;
      if (!last || last->isBeforeInBlock(user)) last = user;
    }
    if (first == last) return false;
    for (Operation *between = first->getNextNode(); between != last; between = between->getNextNode())
      if (isa<nn::FusibleOpInterface>(between) && roleOf(between) == FusionRole::Anchor &&
          !llvm::is_contained(op->getUsers(), between))
        return false;
    return llvm::any_of(op->getOperands(), [&](Value operand) {
      Operation *producer = operand.getDefiningOp();
      return isPrologue(producer) && !groupOf.contains(producer) && isTensor(operand);
    });
  }

  unsigned addPrologues(Group &group) {
    // A loop's steps read what is there when it begins.
    if (nn::isRecurrence(group.ops.front())) return 0;
    llvm::SetVector<Operation *> prologues;
    SmallVector<Operation *> work(group.ops);
    while (!work.empty())
      for (Value operand : work.pop_back_val()->getOperands()) {
        Operation *producer = operand.getDefiningOp();
        if ((isPrologue(producer) || showsSums(producer)) && !groupOf.contains(producer) && prologues.insert(producer))
          work.push_back(producer);
      }
    SmallVector<Operation *> members(prologues.begin(), prologues.end());
    llvm::append_range(members, group.ops);
    llvm::sort(members, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    group.ops = members;
    return prologues.size();
  }

  // The type of a value outside of its kernel: sums that tasks share have one copy a lane.
  Type laneType(Type type) {
    auto tensor = cast<RankedTensorType>(type);
    SmallVector<int64_t> shape{lanes};
    llvm::append_range(shape, tensor.getShape());
    return RankedTensorType::get(shape, tensor.getElementType());
  }

  void materialize(Group &group) {
    OpBuilder builder(group.ops.back());
    builder.setInsertionPointAfter(group.ops.back());
    llvm::SetVector<Value> inputs;
    SmallVector<Value> results;
    for (Operation *op : group.ops) {
      for (Value operand : op->getOperands())
        if (!llvm::is_contained(group.ops, operand.getDefiningOp())) inputs.insert(operand);
      // A copied prologue's results are its own group's business.
      if (!groupOf.contains(op)) continue;
      std::optional<nn::Recurrence> loop = nn::recurrenceOf(op);
      for (OpResult result : op->getResults())
        if ((loop && loop->carries(result.getResultNumber())) ||
            llvm::any_of(result.getUsers(), [&](Operation *user) {
              return !llvm::is_contained(group.ops, user);
            }))
          results.push_back(result);
    }
    SmallVector<Value> outer;
    for (Value input : inputs) outer.push_back(replacement.lookup_or(input, input));
    SmallVector<Type> types;
    SmallVector<bool> accumulates;
    for (Value result : results) {
      accumulates.push_back(givesPartialSums(result.getDefiningOp()));
      types.push_back(accumulates.back() ? laneType(result.getType()) : result.getType());
    }
    SmallVector<int64_t> inPlace(results.size(), -1);
    for (auto [index, result] : llvm::enumerate(results))
      inPlace[index] = inputOverwritten(result, inputs.getArrayRef());

    auto fused = FusedOp::create(
        builder, leader(group)->getLoc(), types, outer, builder.getStringAttr(nameOf(group)),
        builder.getDenseBoolArrayAttr(SmallVector<bool>(outer.size(), false)),
        builder.getDenseBoolArrayAttr(SmallVector<bool>(results.size(), false)),
        builder.getDenseBoolArrayAttr(accumulates), builder.getDenseI64ArrayAttr(inPlace),
        StringAttr(), StringAttr(), UnitAttr(), FloatAttr(), IntegerAttr(), ArrayAttr(), DenseBoolArrayAttr(),
        DenseBoolArrayAttr(), ArrayAttr(), ArrayAttr());
    Block *body = builder.createBlock(&fused.getBody());
    IRMapping mapping;
    for (auto [input, value] : llvm::zip_equal(inputs, outer)) {
      Value argument = body->addArgument(value.getType(), value.getLoc());
      // What another kernel summed lane by lane is summed up where it is read.
      if (value.getType() != input.getType())
        argument = nn::SumLanesOp::create(builder, value.getLoc(), argument);
      mapping.map(input, argument);
    }
    for (Operation *op : group.ops) builder.clone(*op, mapping);
    SmallVector<Value> yielded;
    for (Value result : results) yielded.push_back(mapping.lookup(result));
    YieldOp::create(builder, fused.getLoc(), yielded);
    for (auto [result, value] : llvm::zip_equal(results, fused.getResults()))
      replacement[result] = value;
  }

  // The op that gives the kernel its name and location: the anchor, else the first of the group.
  Operation *leader(const Group &group) {
    for (Operation *op : group.ops)
      if (roleOf(op) == FusionRole::Anchor) return op;
    for (Operation *op : group.ops)
      if (groupOf.contains(op)) return op;
    return group.ops.front();
  }

  std::string nameOf(const Group &group) {
    std::string name;
    for (Operation *op : group.ops) {
      if (!name.empty()) name += "+";
      name += op->getName().stripDialect();
    }
    return name;
  }

  // The input that reads the symbol which `result` is written to, so that both can share
  // its memory; -1 where there is none.
  int64_t inputOverwritten(Value result, ArrayRef<Value> inputs) {
    for (Operation *user : result.getUsers())
      if (auto write = dyn_cast<nn::WriteOp>(user))
        for (auto [index, input] : llvm::enumerate(inputs))
          if (auto read = input.getDefiningOp<nn::ReadOp>();
              read && read.getSymbol() == write.getSymbol())
            return index;
    return -1;
  }

  void eraseFused() {
    Block &block = function.getBody().front();
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block.getOperations()))) {
      if (isa<FusedOp>(op)) continue;
      for (OpOperand &operand : op.getOpOperands())
        if (Value value = replacement.lookup_or(operand.get(), Value())) operand.set(value);
      if (isa<nn::FusibleOpInterface>(op) && op.use_empty()) op.erase();
    }
  }

  func::FuncOp function;
  int64_t lanes;
  SmallVector<Operation *> ops;
  std::vector<Group> groups;
  DenseMap<Operation *, size_t> groupOf;
  DenseMap<Value, Value> replacement;  // results of fused ops -> results of their kernels
};

// A gradient that is returned as it is still has to be summed over the lanes; a view that
// is returned needs a kernel before it in any case, which it has. And what is returned twice (a loss that is a
// metric too) needs a place for each.
void separateReturned(func::FuncOp function) {
  Operation *terminator = function.getBody().front().getTerminator();
  DenseSet<Value> returned;
  for (OpOperand &operand : terminator->getOpOperands()) {
    Operation *producer = operand.get().getDefiningOp();
    bool first = returned.insert(viewed(operand.get())).second;
    if (first && (!producer || (!reducesSamples(producer) && !showsSums(producer)))) continue;
    // 0 + value: a pointwise op that gives the sum over lanes, or the copy, a kernel to live in.
    OpBuilder builder(terminator);
    auto type = cast<RankedTensorType>(operand.get().getType());
    operand.set(nn::RescaleOp::create(builder, producer->getLoc(), operand.get(),
                                      builder.getF64FloatAttr(1.0), builder.getF64FloatAttr(0.0),
                                      TypeAttr::get(type.getElementType())));
  }
}

class Fuse : public impl::FusePassBase<Fuse> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      takeGradientsWhole(function, getOperation().getBatch(), getOperation().getLanes());
      separateReturned(function);
      auto [kernels, copies] = Fusion(function, getOperation().getLanes()).run();
      numKernels += kernels;
      numRecomputed += copies;
    }
  }
};

} // namespace
} // namespace nncc::kernel
