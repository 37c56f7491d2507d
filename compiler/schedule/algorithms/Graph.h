// A KernelSpec on its way to a Halide pipeline: arguments as parameters, nodes as values
// built on demand, results as output Funcs. Schedules drive it: they may define the anchor
// by an algorithm of their own, then ask for the outputs and place what there is to place.
#ifndef NNCC_SCHEDULE_ALGORITHMS_GRAPH_H
#define NNCC_SCHEDULE_ALGORITHMS_GRAPH_H

#include <map>
#include <string>
#include <vector>

#include "schedule/KernelSpec.h"
#include "schedule/algorithms/Value.h"

namespace nncc::schedule {

// Where temporaries of constant size stand. Halide takes MemoryType::Stack for a hint and asks
// for heap above 16 KiB; what it calls registers is the frame at any size.
constexpr Halide::MemoryType kStackMemory = Halide::MemoryType::Register;

// What all temporaries of a kernel may take of a thread's stack.
constexpr int64_t kStackBytes = 512 << 10;

// Results that are written by one Func (a tuple where there are several) because they
// stand side by side in the signature and have the same shape.
struct Output {
  Halide::Func func;
  std::vector<Halide::Var> vars;  // innermost first
  std::vector<int> results;       // indices into KernelSpec::results
  TensorType type;                // shape as seen by the Func
  bool update = false;            // update(0) does the work, the pure definition is undefined

  Halide::Stage stage();  // the definition to schedule
  // Bytes of one element of all results.
  int64_t elementBytes(const KernelSpec &spec) const;
};

class Graph {
public:
  // Throws std::runtime_error for an unknown op or operands that an op cannot have.
  Graph(const KernelSpec &spec, const Target &target);

  const KernelSpec &spec;
  const Target &target;

  Value value(ValueRef ref);
  std::vector<Value> operandsOf(const Node &node);

  // Gives the results of a node, instead of the op's own algorithm. Before outputs().
  void define(int node, std::vector<Value> results);
  // Gives the Func of one result, instead of a plain one. Before outputs().
  void defineOutput(int result, const Halide::Func &func, const std::vector<Halide::Var> &vars,
                    bool update);

  // The output Funcs in the order of the signature, their static dimensions bounded.
  std::vector<Output> &outputs();

  // The run-time extent of the sliced dimension; 1 where nothing is sliced.
  Halide::Expr sliceExtent() const { return extent; }
  // Is not 0 where accumulating results are added to.
  Halide::Expr accumulateFlag() const { return accumulate; }

  // A Func with update definitions, which therefore cannot be evaluated where it is used.
  // Algorithms announce theirs; a schedule places them.
  void addReduction(const Halide::Func &func, const TensorType &type);
  struct Reduction {
    Halide::Func func;
    TensorType type;
  };
  const std::vector<Reduction> &reductions() const { return reductionList; }

  // Computes `func` before all that uses it, for the whole slice: on the stack where it
  // is small, else in scratch that the caller passes.
  void materialize(Halide::Func func, const TensorType &type);
  // A Func in scratch with what `func` computes from arguments that are not sliced: in the first call
  // of several, for all of them. Its update is to be scheduled, with `once` the outermost loop.
  struct Kept {
    Halide::Func func;
    Halide::RVar once;
  };
  Kept keep(Halide::Func func, const TensorType &type);
  // Takes so much of what materialize() may put on the stack.
  void reserveStack(int64_t bytes) { stackBytes += bytes; }
  // Places every announced reduction that `placed` does not hold: at the innermost loop of the one
  // output that uses it, or before everything.
  void placeReductions(const std::vector<Halide::Func> &placed = {});

  // Funcs that several nodes share (row statistics), by a name that says what they hold.
  template <typename Make> Halide::Func shared(const std::string &key, Make make) {
    auto found = sharedFuncs.find(key);
    if (found == sharedFuncs.end())
      found = sharedFuncs.emplace(key, make()).first;
    return found->second;
  }

  // What compiling needs: the pipeline's outputs, the signature before them, and scratch.
  Halide::Pipeline pipeline();
  std::vector<Halide::Argument> signature() const;
  const std::vector<TensorType> &scratch() const { return scratchTypes; }
  const std::vector<bool> &kept() const { return scratchKept; }

  // Lanes of a vector register for elements of this kernel's type.
  int vectorLanes(ElementType element) const {
    return target.vectorBytes() / static_cast<int>(sizeInBytes(element));
  }

private:
  struct Parameter {
    Halide::ImageParam image;             // rank >= 1
    Halide::Parameter scalar;             // rank 0
    TensorType type;                      // shape as seen by the kernel
    bool overwritten = false;             // read through the output in its place
  };

  void chooseViews();
  void makeParameters();
  void makeOutputs();
  void readBeforeWriting(const Output &output, std::vector<Halide::Expr> &values);
  template <typename Dimension>
  void constrain(Dimension dimension, int index, const TensorType &type, bool bounds = true) const;

  std::vector<Parameter> parameters;
  std::vector<Value> argumentValues;
  std::map<int, TensorType> argumentViews;  // of arguments that are only read reshaped
  std::vector<TensorType> resultViews;
  std::vector<ValueRef> resultValues;  // before the reshapes that only change the view
  std::map<int, std::vector<Value>> nodeValues;
  std::map<std::string, Halide::Func> sharedFuncs;
  std::vector<Reduction> reductionList;
  std::map<int, Output> definedOutputs;
  std::vector<Output> outputList;
  std::vector<Halide::Func> scratchFuncs;
  std::vector<TensorType> scratchTypes;
  std::vector<bool> scratchKept;
  void addScratch(const Halide::Func &func, const TensorType &type, bool kept);
  Halide::Param<int32_t> accumulate{"accumulate"};
  Halide::Expr extent = 1;
  int64_t stackBytes = 0;
};

}  // namespace nncc::schedule

#endif  // NNCC_SCHEDULE_ALGORITHMS_GRAPH_H
