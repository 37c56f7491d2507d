// Steps of sequences with lengths from 1 to all of them.
#include "Rows.h"

namespace nncc::ops {

void sequenceRows(std::vector<Row> &table) {
  auto lengthsOf = [](Builder &b, int64_t samples) { return b.argument({ElementType::I32, {samples}, 0}); };
  struct Sequences {
    const char *variant;
    Shape shape;  // [N, T, ...]
  };
  for (const Sequences &s : {Sequences{"features", {5, 7, 16}}, Sequences{"odd", {4, 6, 21}},
                             Sequences{"narrow", {6, 9, 3}}, Sequences{"numbers", {7, 11}},
                             Sequences{"one_step", {3, 1, 8}}, Sequences{"images", {3, 4, 5, 2}},
                             Sequences{"batch_of_one", {1, 40, 64}}}) {
    const Shape shape = s.shape;
    Shape step = shape;
    step.erase(step.begin() + 1);
    for (double value : {0.0, -3.5})
      table.push_back({"mask_steps", std::string(s.variant) + (value ? "_filled" : ""), [=](Builder &b) {
                         Value src = b.sliced(shape);
                         b.result(b.node("mask_steps", {src, lengthsOf(b, shape[0])}, {{"value", {value}}}, {src.type})[0]);
                       }});
    table.push_back({"divide_by_lengths", s.variant, [=](Builder &b) {
                       Value src = b.sliced(step);
                       b.result(b.node("divide_by_lengths", {src, lengthsOf(b, shape[0])},
                                       {{"factor", {double(shape[1])}}}, {src.type})[0]);
                     }});
    table.push_back({"last_step", s.variant, [=](Builder &b) {
                       Value src = b.sliced(shape);
                       b.result(b.node("last_step", {src, lengthsOf(b, shape[0])}, {}, {{b.real, step, 0}})[0]);
                     }});
    table.push_back({"last_step_bwd", s.variant, [=](Builder &b) {
                       Value diff = b.sliced(step);
                       b.result(b.node("last_step_bwd", {diff, lengthsOf(b, shape[0])},
                                       {{"steps", {double(shape[1])}}}, {{b.real, shape, 0}})[0]);
                     }});
  }
}

}  // namespace nncc::ops
