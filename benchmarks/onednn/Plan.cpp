#include "Plan.h"

#include <algorithm>

namespace onednn {

memory Arena::keep(const memory::desc &description) {
  memory result(description, engine(), nullptr);
  kept.push_back({description.get_size(), {result}});
  return result;
}

memory Arena::borrow(const memory::desc &description, size_t slot) {
  if (shared.size() <= slot)
    shared.resize(slot + 1);
  memory result(description, engine(), nullptr);
  shared[slot].bytes = std::max(shared[slot].bytes, description.get_size());
  shared[slot].users.push_back(result);
  return result;
}

void Arena::allocate() {
  size_t bytes = 0;
  auto forAll = [&](const auto &work) {
    for (std::vector<Slot> *slots : {&kept, &shared})
      for (Slot &slot : *slots)
        work(slot);
  };
  forAll([&](Slot &slot) { bytes += Buffer::aligned(slot.bytes); });
  buffer = Buffer(bytes);
  char *next = buffer.bytes();
  forAll([&](Slot &slot) {
    for (memory &user : slot.users)
      user.set_data_handle(next);
    next += Buffer::aligned(slot.bytes);
  });
}

memory Plan::inLayout(Steps &steps, const memory &from, const memory::desc &layout) {
  if (from.get_desc() == layout)
    return from;
  memory to = arena.keep(layout);
  dnnl::reorder::primitive_desc description(engine(), from.get_desc(), engine(), layout,
                                            attributes());
  add(steps, description, {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
  return to;
}

memory Plan::inLayoutForward(const memory &from, const memory::desc &layout) {
  memory to = inLayout(forward, from, layout);
  if (to.get() != from.get())
    evaluate.push_back(forward.back());
  return to;
}

memory Plan::gradient(const memory::desc &description) {
  memory result = arena.borrow(description, nextGradient);
  nextGradient = nextGradient == EvenGradients ? OddGradients : EvenGradients;
  return result;
}

// The C function takes the operands as they are; execute() of the C++ class would copy a map of
// them into a new array at each call.
void Plan::append(Steps &steps, const dnnl::primitive &primitive, const memory::desc &scratchpad,
                  const Arguments &arguments) {
  std::vector<memory> operands;  // keeps the handles alive
  std::vector<dnnl_exec_arg_t> handles;
  auto give = [&](int argument, const memory &operand) {
    if (!operand)
      return;
    operands.push_back(operand);
    handles.push_back({argument, operand.get()});
  };
  for (const auto &[argument, operand] : arguments)
    give(argument, operand);
  if (scratchpad.get_size())
    give(DNNL_ARG_SCRATCHPAD, arena.borrow(scratchpad, Scratchpad));
  steps.push_back([primitive, operands, handles] {
    dnnl::error::wrap_c_api(
        dnnl_primitive_execute(primitive.get(), stream().get(),
                               static_cast<int>(handles.size()), handles.data()),
        "could not run a primitive");
  });
}

void run(const Steps &steps) {
  for (const auto &step : steps)
    step();
}

}  // namespace onednn
