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
    table.push_back({"mask_steps", std::string(s.variant) + "_by_channel", [=](Builder &b) {
                       Value src = b.sliced(shape), lengths = lengthsOf(b, shape[0]);
                       b.result(b.node("mask_steps", {src, lengths, b.whole({shape.back()})}, {{"value", {0}}},
                                       {src.type})[0]);
                     }});
    // Windows one behind the other, overlapping, with gaps, and one over all steps; the source's steps are windows.
    struct Windows {
      const char *variant;
      int64_t window, stride, pad;
    };
    for (const Windows &w : {Windows{"overlapping", 5, 2, 1}, Windows{"tiling", 2, 2, 0}, Windows{"sparse", 1, 3, 0},
                             Windows{"all", 2 * shape[1], 2 * shape[1], 0}}) {
      table.push_back({"rescale_windows", std::string(s.variant) + "_" + w.variant, [=](Builder &b) {
                         Value src = b.sliced(shape);
                         Attributes attributes = {{"steps", {double(shape[1] * w.stride)}},
                                                  {"window", {double(w.window)}},
                                                  {"stride", {double(w.stride)}},
                                                  {"pad", {double(w.pad)}}};
                         b.result(b.node("rescale_windows", {src, lengthsOf(b, shape[0])}, attributes, {src.type})[0]);
                       }});
      if (shape.size() != 3 || shape[2] > 16) break;  // one kind will do
    }
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
  struct Scale {
    const char *variant;
    double multiply, add, divide;
  };
  for (int64_t samples : {1, 40}) {
    for (const Scale &s : {Scale{"valid", 1, 2 - 5, 2}, Scale{"same", 1, 2, 3}, Scale{"transposed", 3, 2, 1}})
      table.push_back({"scale_lengths", s.variant + std::to_string(samples), [=](Builder &b) {
                         Value lengths = lengthsOf(b, samples);
                         b.result(b.node("scale_lengths", {lengths},
                                         {{"multiply", {s.multiply}}, {"add", {s.add}}, {"divide", {s.divide}}},
                                         {lengths.type})[0]);
                       }});
    table.push_back({"count_steps", std::to_string(samples), [=](Builder &b) {
                       Value lengths = b.argument({ElementType::I32, {samples}, -1});
                       Value present = b.argument({ElementType::I32, {}, -1});
                       b.result(b.node("count_steps", {lengths, present}, {}, {{ElementType::I32, {}, -1}})[0]);
                     }});
  }
}

}  // namespace nncc::ops
