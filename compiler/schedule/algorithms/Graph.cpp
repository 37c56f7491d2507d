#include "schedule/algorithms/Graph.h"

#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Registry.h"

namespace nncc::schedule {

using Halide::Expr;
using Halide::Func;
using Halide::Tuple;
using Halide::Var;

Halide::Stage Output::stage() { return update ? func.update(0) : Halide::Stage(func); }

int64_t Output::elementBytes(const KernelSpec &spec) const {
  int64_t bytes = 0;
  for (int result : results)
    bytes += sizeInBytes(spec.typeOf(spec.results[result].value).element);
  return bytes;
}

Graph::Graph(const KernelSpec &spec, const Target &target) : spec(spec), target(target) {
  for (const Node &node : spec.nodes)
    algorithmOf(node.op);
  chooseViews();
  makeParameters();
}

static bool isInPlace(const KernelSpec &spec, int argument) {
  for (const Result &result : spec.results)
    if (result.inPlace == argument)
      return true;
  return false;
}

// The innermost-first index of the sliced dimension.
static int slicedIndex(const TensorType &type) {
  return static_cast<int>(type.shape.size()) - 1 - type.sliced;
}

// Buffers are dense, so that a reshape of a whole argument or result is no work but
// another way of looking at its buffer. Such a buffer's extents cannot be asked for (the
// caller counts its dimensions otherwise), hence at least one sliced argument keeps its own shape,
// and all others get their run-time extent from there.
void Graph::chooseViews() {
  for (int a = 0; a < static_cast<int>(spec.arguments.size()); ++a) {
    const TensorType *view = nullptr;
    bool onlyReshaped = !isInPlace(spec, a);
    for (const Result &result : spec.results)
      onlyReshaped &= !(result.value.argument && result.value.node == a);
    for (const Node &node : spec.nodes)
      for (const ValueRef &operand : node.operands)
        if (operand.argument && operand.node == a) {
          onlyReshaped &= node.op == "reshape" &&
                          (!view || view->shape == node.results.at(0).shape);
          view = &node.results.at(0);
        }
    if (view && onlyReshaped && view->sliced == spec.arguments[a].sliced && view->sliced <= 0)
      argumentViews[a] = *view;
  }

  int keeper = -1, firstSliced = -1;
  for (int a = 0; a < static_cast<int>(spec.arguments.size()); ++a) {
    if (spec.arguments[a].sliced < 0 || isInPlace(spec, a))
      continue;
    if (firstSliced < 0)
      firstSliced = a;
    if (keeper < 0 && !argumentViews.count(a))
      keeper = a;
  }
  if (keeper < 0 && firstSliced >= 0)
    argumentViews.erase(keeper = firstSliced);

  for (const Result &result : spec.results) {
    ValueRef value = result.value;
    TensorType type = spec.typeOf(value);
    bool viewable = (keeper >= 0 || type.sliced < 0) && result.inPlace < 0;
    while (viewable && !value.argument && spec.nodes[value.node].op == "reshape") {
      ValueRef source = spec.nodes[value.node].operands.at(0);
      const TensorType &sourceType = spec.typeOf(source);
      if (sourceType.sliced != type.sliced || type.sliced > 0 || source.argument)
        break;
      value = source;
      type = sourceType;
    }
    resultValues.push_back(value);
    resultViews.push_back(type);
  }
}

void Graph::makeParameters() {
  bool haveExtent = false;
  for (int a = 0; a < static_cast<int>(spec.arguments.size()); ++a) {
    Parameter parameter;
    auto view = argumentViews.find(a);
    parameter.type = view != argumentViews.end() ? view->second : spec.arguments[a];
    parameter.overwritten = isInPlace(spec, a);
    std::string name = "argument" + std::to_string(a);
    int rank = static_cast<int>(parameter.type.shape.size());
    Halide::Type type = halideType(parameter.type.element);
    Value value;
    value.type = parameter.type;
    if (rank == 0) {
      parameter.scalar = Halide::Parameter(type, false, 0, name);
      Expr scalar = Halide::Internal::Variable::make(type, name, parameter.scalar);
      value.at = [scalar](const Coordinates &) { return scalar; };
    } else {
      parameter.image = Halide::ImageParam(type, rank, name);
      if (!parameter.overwritten) {
        value = valueOf(Func(parameter.image), parameter.type);
        if (!haveExtent && parameter.type.sliced >= 0 && view == argumentViews.end()) {
          extent = parameter.image.dim(slicedIndex(parameter.type)).extent();
          haveExtent = true;
        }
      }
    }
    parameters.push_back(parameter);
    argumentValues.push_back(value);
  }
  for (Parameter &parameter : parameters)
    for (int i = 0; i < static_cast<int>(parameter.type.shape.size()); ++i)
      constrain(parameter.image.dim(i), i, parameter.type);
}

// Static bounds and dense strides; the sliced extent is the slice's.
template <typename Dimension>
void Graph::constrain(Dimension dimension, int index, const TensorType &type,
                      bool bounds) const {
  int rank = static_cast<int>(type.shape.size());
  int64_t stride = 1;
  for (int i = 0; i < index; ++i)
    stride *= type.shape[rank - 1 - i];
  // Outside of a sliced dimension it depends on what the slice is cut from: the caller's word.
  if (type.sliced < 0 || index <= slicedIndex(type))
    dimension.set_stride(static_cast<int>(stride));
  if (!bounds)
    return;
  dimension.set_min(0);
  if (type.sliced >= 0 && slicedIndex(type) == index) {
    // The one that the extent is asked from must not be defined by itself.
    Expr own = dimension.extent();
    if (!Halide::Internal::is_const(extent) && !Halide::Internal::equal(own, extent))
      dimension.set_extent(extent);
  } else {
    dimension.set_extent(static_cast<int>(type.shape[rank - 1 - index]));
  }
}

Value Graph::value(ValueRef ref) {
  if (ref.argument)
    return argumentValues.at(ref.node);
  auto found = nodeValues.find(ref.node);
  if (found == nodeValues.end()) {
    const Node &node = spec.nodes.at(ref.node);
    std::vector<Value> results;
    bool isView = node.op == "reshape" && node.operands.at(0).argument &&
                  argumentViews.count(node.operands[0].node);
    if (isView)
      results = {argumentValues.at(node.operands[0].node)};
    else
      results = algorithmOf(node.op).build(*this, node);
    found = nodeValues.emplace(ref.node, std::move(results)).first;
  }
  return found->second.at(ref.result);
}

std::vector<Value> Graph::operandsOf(const Node &node) {
  std::vector<Value> values;
  for (const ValueRef &operand : node.operands)
    values.push_back(value(operand));
  return values;
}

void Graph::define(int node, std::vector<Value> results) { nodeValues[node] = std::move(results); }

void Graph::defineOutput(int result, const Func &func, const std::vector<Var> &vars, bool update) {
  definedOutputs[result] = {func, vars, {result}, resultViews.at(result), update};
}

std::vector<Output> &Graph::outputs() {
  if (outputList.empty())
    makeOutputs();
  return outputList;
}

// A result in the place of an argument may be stored only when all results that read this
// argument have been computed. Halide sees to it where it sees which elements of a tuple read
// which, but it does not look into calls, and with strict floats all arithmetic is calls. So
// every element names all the others that are overwritten, outside of any call, behind a
// condition that always holds: then no order of storing will do, and all are computed first.
void Graph::readBeforeWriting(const Output &output, std::vector<Expr> &values) {
  std::vector<int> overwritten;
  for (int i = 0; i < static_cast<int>(values.size()); ++i)
    if (spec.results[output.results[i]].inPlace >= 0)
      overwritten.push_back(i);
  if (values.size() == 1 || overwritten.empty())
    return;
  if (Halide::Internal::is_const(extent))
    throw std::runtime_error("several results in place of arguments, but no other argument is sliced");
  Func func = output.func;
  for (int i = 0; i < static_cast<int>(values.size()); ++i)
    for (int other : overwritten)
      if (i != other)
        values[i] = Halide::select(extent != -1, values[i],
                                   Halide::cast(values[i].type(), func(output.vars)[other]));
}

void Graph::makeOutputs() {
  for (int r = 0; r < static_cast<int>(spec.results.size()); ++r) {
    auto defined = definedOutputs.find(r);
    if (defined != definedOutputs.end()) {
      outputList.push_back(defined->second);
      continue;
    }
    bool update = spec.results[r].accumulate || spec.results[r].inPlace >= 0;
    bool beside = !outputList.empty() && !definedOutputs.count(r - 1) &&
                  outputList.back().type.shape == resultViews[r].shape &&
                  outputList.back().type.sliced == resultViews[r].sliced;
    if (!beside)
      outputList.push_back({Func("result" + std::to_string(r)),
                            dimensionVars(resultViews[r].shape.size(), ""),
                            {},
                            resultViews[r],
                            false});
    outputList.back().results.push_back(r);
    outputList.back().update |= update;
  }

  // Outputs that keep something of what they hold are defined as undefined first and then
  // by an update of themselves; arguments in their place are read through them.
  for (Output &output : outputList) {
    if (definedOutputs.count(output.results[0]) || !output.update)
      continue;
    std::vector<Expr> undefined;
    for (int r : output.results)
      undefined.push_back(Halide::undef(halideType(resultViews[r].element)));
    int count = static_cast<int>(undefined.size());
    if (count == 1)
      output.func(output.vars) = undefined[0];
    else
      output.func(output.vars) = Tuple(undefined);
    for (int i = 0; i < count; ++i)
      if (int a = spec.results[output.results[i]].inPlace; a >= 0) {
        argumentValues[a] = valueOf(output.func, parameters[a].type, count == 1 ? -1 : i);
        argumentValues[a].stored = Func();
      }
  }

  for (Output &output : outputList) {
    if (!definedOutputs.count(output.results[0])) {
      Coordinates coordinates = coordinatesOf(output.vars);
      std::vector<Expr> values;
      for (size_t i = 0; i < output.results.size(); ++i) {
        int r = output.results[i];
        Expr element = value(resultValues[r]).at(coordinates);
        if (spec.results[r].accumulate) {
          Value old = valueOf(output.func, output.type,
                              output.results.size() == 1 ? -1 : static_cast<int>(i));
          element = element + Halide::select(accumulate != 0, old.at(coordinates),
                                             Halide::cast(element.type(), 0));
        }
        values.push_back(element);
      }
      readBeforeWriting(output, values);
      if (values.size() == 1)
        output.func(output.vars) = values[0];
      else
        output.func(output.vars) = Tuple(values);
    }
    std::vector<int64_t> extents = reversed(output.type.shape);
    for (size_t i = 0; i < extents.size(); ++i)
      if (output.type.sliced < 0 || slicedIndex(output.type) != static_cast<int>(i))
        output.func.bound(output.vars[i], 0, static_cast<int>(extents[i]));
    std::vector<Halide::OutputImageParam> buffers = output.func.output_buffers();
    // Halide takes the buffers of a tuple to have the bounds of the first; strides are their own.
    for (size_t b = 0; b < buffers.size(); ++b)
      for (size_t i = 0; i < extents.size(); ++i)
        constrain(buffers[b].dim(static_cast<int>(i)), static_cast<int>(i), output.type, b == 0);
  }
}

void Graph::addReduction(const Func &func, const TensorType &type) {
  reductionList.push_back({func, type});
}

void Graph::materialize(Func func, const TensorType &type) {
  func.compute_root();
  std::vector<int64_t> extents = reversed(type.shape);
  std::vector<Var> vars = func.args();
  for (size_t i = 0; i < extents.size(); ++i)
    if (type.sliced < 0 || slicedIndex(type) != static_cast<int>(i))
      func.bound(vars[i], 0, static_cast<int>(extents[i]));
  if (stackBytes + type.bytes() <= kStackBytes) {
    stackBytes += type.bytes();
    if (type.sliced >= 0)
      func.bound_storage(vars[slicedIndex(type)], static_cast<int>(type.shape[type.sliced]));
    func.store_in(kStackMemory);
    return;
  }
  addScratch(func, type, /*kept=*/false);
}

void Graph::addScratch(const Func &func, const TensorType &type, bool kept) {
  for (size_t i = 0; i < type.shape.size(); ++i)
    constrain(func.output_buffer().dim(static_cast<int>(i)), static_cast<int>(i), type);
  scratchFuncs.push_back(func);
  scratchTypes.push_back(type);
  scratchKept.push_back(kept);
}

Graph::Kept Graph::keep(Func func, const TensorType &type) {
  std::vector<Var> vars = func.args();
  std::vector<Expr> at(vars.begin(), vars.end());
  Func kept(func.name() + "_kept");
  // A loop of one round or none; its variable is 0.
  Halide::RDom once(0, select(accumulate != 0, 0, 1), "once");
  kept(vars) = Halide::undef(func.type());
  kept(vars) = func(at) + Halide::cast(func.type(), once.x);
  kept.compute_root();
  std::vector<int64_t> extents = reversed(type.shape);
  for (size_t i = 0; i < extents.size(); ++i)
    kept.bound(vars[i], 0, static_cast<int>(extents[i]));
  addScratch(kept, type, /*kept=*/true);
  return {kept, once.x};
}

void Graph::placeReductions(const std::vector<Func> &placed) {
  auto uses = [](const Func &user, const Func &used) {
    auto called = Halide::Internal::find_transitive_calls(user.function());
    return user.name() != used.name() && called.count(used.name()) > 0;
  };
  for (const Reduction &reduction : reductionList) {
    bool done = false;
    for (const Func &func : placed)
      done |= func.name() == reduction.func.name();
    for (const Output &output : outputs())
      done |= output.func.name() == reduction.func.name();
    if (done)
      continue;
    int users = 0;
    Output *user = nullptr;
    for (Output &output : outputs())
      if (uses(output.func, reduction.func)) {
        ++users;
        user = &output;
      }
    for (const Reduction &other : reductionList)
      users += uses(other.func, reduction.func);
    if (users == 0)
      continue;
    Func func = reduction.func;
    if (users == 1 && user && !user->vars.empty())
      func.compute_at(user->func, user->vars[0]).store_in(kStackMemory);
    else
      materialize(func, reduction.type);
  }
}

Halide::Pipeline Graph::pipeline() {
  std::vector<Func> funcs;
  for (Output &output : outputs())
    funcs.push_back(output.func);
  funcs.insert(funcs.end(), scratchFuncs.begin(), scratchFuncs.end());
  return Halide::Pipeline(funcs);
}

std::vector<Halide::Argument> Graph::signature() const {
  std::vector<Halide::Argument> list;
  for (size_t a = 0; a < parameters.size(); ++a) {
    const Parameter &parameter = parameters[a];
    if (parameter.type.shape.empty())
      list.push_back(Halide::Argument("argument" + std::to_string(a),
                                      Halide::Argument::InputScalar,
                                      halideType(parameter.type.element), 0,
                                      parameter.scalar.get_argument_estimates()));
    else
      list.push_back(parameter.image);
  }
  if (spec.accumulates() || std::count(scratchKept.begin(), scratchKept.end(), true))
    list.push_back(accumulate);
  return list;
}

}  // namespace nncc::schedule
