//===- Sections.cpp - the options of the sections themselves ---------------===//
#include "frontend/Sections.h"

namespace nncc::frontend {

using nn::OptionKind;
using nn::OptionSpec;

// What watches a value after each epoch: early_stopping, ...
static OptionSpec watcher(const char *name, const char *doc, std::vector<OptionSpec> own) {
  OptionSpec spec{name, OptionKind::Options, "", doc};
  spec.inside = {{"monitor", OptionKind::Text, "val_loss",
                  "what is watched: loss or a metric, with val_ before it for the validation data's"},
                 {"mode", OptionKind::Choice, "auto", "is less or more better? auto: less of a loss or error, more of others",
                  1, {"auto", "min", "max"}}};
  spec.inside.insert(spec.inside.end(), own.begin(), own.end());
  return spec;
}

static std::vector<OptionSpec> trainOptions() {
  OptionSpec ema{"ema", OptionKind::Options, "",
                 "moving average of the weights, over the updates: validation, test and saved weights take it"};
  ema.inside = {{"decay", OptionKind::Number, "0.99", "share of the old average", 1, {}, 1e-6, 0.999999999}};
  return {{"batch_size", OptionKind::Integer, "32", "most samples in a step", 1, {}, 1, 65536},
          {"batch_by", OptionKind::Choice, "",
           "length: a batch has samples of nearly equal length, of an input with lengths; which ones is drawn anew in each "
           "epoch",
           1, {"length"}},
          {"classes_per_batch", OptionKind::Integer, "",
           "a batch has `samples_per_class` samples of each of so many classes, which come in turn: for losses that "
           "compare the samples of a batch. Its size is the product of both",
           1, {}, 2, 65536},
          {"samples_per_class", OptionKind::Integer, "", "see `classes_per_batch`", 1, {}, 2, 65536},
          {"epochs", OptionKind::Integer, "1", "passes over the training data", 1, {}, 1, 1000000},
          {"lanes", OptionKind::Integer, "8", "partial sums of each weight gradient", 1, {}, 1, 64},
          {"numerics", OptionKind::Choice, "fast",
           "exact: no kernel rounds more than sums of products in some order do, which forbids Winograd's", 1, {"fast", "exact"}},
          {"gradient_accumulation_steps", OptionKind::Integer, "1",
           "so many batches' gradients are averaged for one update", 1, {}, 1, 65536},
          ema,
          watcher("reduce_lr_on_plateau", "multiplies the learning rate with `factor` when what is watched gets no better",
                  {{"factor", OptionKind::Number, "0.1", "below 1", 1, {}, 1e-9, 0.999999},
                   {"patience", OptionKind::Integer, "10", "epochs without improvement before that", 1, {}, 1, 1e6},
                   {"min_delta", OptionKind::Number, "1e-4", "less is no improvement", 1, {}, 0},
                   {"cooldown", OptionKind::Integer, "0", "epochs after it that do not count", 1, {}, 0, 1e6},
                   {"min_lr", OptionKind::Number, "0", "the rate does not go below", 1, {}, 0}}),
          watcher("early_stopping", "ends the training when what is watched gets no better",
                  {{"patience", OptionKind::Integer, "0", "epochs without improvement before that", 1, {}, 0, 1e6},
                   {"min_delta", OptionKind::Number, "0", "less is no improvement", 1, {}, 0},
                   {"restore_best", OptionKind::Boolean, "true", "the weights that are tested and saved are those of the best epoch"}}),
          watcher("keep_best", "the weights that are tested and saved are those of the best epoch, without ending early", {})};
}

llvm::ArrayRef<SectionSpec> sectionSpecs() {
  static const std::vector<SectionSpec> all = {
      {"model", "the model's name, and the program's.", {}},
      {"input",
       "`shape` of one sample, `[height, width, channels]` for images; layers see value * scale + offset.",
       {{"type", OptionKind::Choice, "", "u8: pixels, also where there is a scale; f32: numbers", 1, {"u8", "f32"}},
        {"scale", OptionKind::Number, "1", "values are multiplied by it"},
        {"offset", OptionKind::Number, "0", "and this is added"},
        {"lengths", OptionKind::Boolean, "false",
         "true: a sequence, [steps, ...], of which a sample may have only the first steps; the reader says how many. "
         "Layers over the steps give what each sample alone, of its own length, would; windows lie as in the longest "
         "one, and a sample that is shorter than a window gives one step, filled up with zeros"}}},
      {"inputs",
       "in the place of `input` where the model has several: a map of their names to what stands behind `input`. "
       "Layers name them in their `inputs`.",
       {}},
      {"networks",
       "a map of names to `{layers: [...]}`: layers that are applied as one, `- NAME: {inputs: LAYER}`, any number of "
       "times with the same weights, which are called `NAME.layer.weight`. They see one input, `input`; the last "
       "layer is the result. A network may apply others.",
       {{"trainable", OptionKind::Boolean, "true", "false: training leaves its weights alone"}}},
      {"layers",
       "a list; each layer reads the one before it unless its `inputs` name others.",
       {}},
      {"outputs", "names of the layers that `predict` prints; by default the last one.", {}},
      {"train",
       "`loss`, `optimizer` and a list of `metrics`, which are named below. Where several outputs have a "
       "loss: `loss: {OUTPUT: LOSS}`, `loss_weights: {OUTPUT: number}` (1), `metrics: {OUTPUT: [METRIC]}`. "
       "`missing_targets`, a list of outputs: samples may lack their targets and are left out of their losses and "
       "metrics, which are means over the others. "
       "`class_weight`, a list or `{CLASS NUMBER: weight}`, scales the loss of each class's samples. `freeze` is a list of patterns "
       "of weight names, such as `[\"conv2d*\", \"*.bias\"]`: these weights stay as they are. "
       "`learning_rate_multipliers` gives weights by pattern a share of the learning rate: `{\"dense*\": 0.1}`; "
       "the last pattern that fits counts. A model whose weights are all fixed (`trainable: false`) needs neither this "
       "section nor `data`.",
       trainOptions()},
      {"weights",
       "a safetensors file (`nncc convert` makes one of Keras's .h5) that training starts from. `rename: {NAME: OURS}` says what the file's tensors are called here: whole names or, up "
       "to a dot, those of layers; a `*` stands for any text and comes back on the right.",
       {{"path", OptionKind::Text, std::nullopt, "the file, relative to the trainer's `--data`"},
        {"layout", OptionKind::Choice, "keras",
         "whose names and axes: pytorch turns weight to kernel, running_mean to moving_mean, ... and [out, in, h, w] to "
         "[h, w, in, out], also behind a flatten",
         1, {"keras", "pytorch"}},
        {"skip", OptionKind::Texts, "",
         "patterns with * of weights that keep their initial values, and of the file's tensors that are not wanted"}}},
      {"data", "the readers of `train` and, where there are such, of `validation` and `test`, which may also be "
        "splits of `train`; `augment` beside the reader of `train`.", {}},
  };
  return all;
}

llvm::ArrayRef<nn::OptionSpec> sectionOptions(llvm::StringRef name) {
  for (const SectionSpec &section : sectionSpecs())
    if (section.name == name) return section.options;
  llvm_unreachable("no such section");
}

} // namespace nncc::frontend
