//===- Readers.cpp - what the `data` section can name ----------------------===//
#include "frontend/Readers.h"
#include "frontend/Text.h"

namespace nncc::frontend {

static std::string pixelComplaint(const Input &input) {
  if (!input.pixels)
    return "it reads u8 pixels, but input '" + input.name +
           "' is of type f32; give the input a scale (1/255) or type: u8";
  return "";
}

static std::string imageComplaint(const Input &input) {
  auto &shape = input.shape;
  bool grey = shape.size() == 2;
  bool image = shape.size() == 3 && (shape[2] == 1 || shape[2] == 3);
  if (!grey && !image)
    return "it reads images, but input '" + input.name + "' is " + shapeText(shape) +
           "; expected [height, width] or [height, width, channels] with 1 or 3 channels";
  return pixelComplaint(input);
}

static std::string cifarComplaint(const Input &input) {
  if (input.shape != std::vector<int64_t>{32, 32, 3})
    return "it reads images of [32, 32, 3], but input '" + input.name + "' is " +
           shapeText(input.shape) + "; change the input's shape";
  return pixelComplaint(input);
}

static std::string tableComplaint(const Input &input) {
  if (input.pixels || input.shape.size() != 1)
    return "it reads rows of numbers, but input '" + input.name + "' is " + (input.pixels ? "u8 " : "") +
           shapeText(input.shape) + "; expected shape: [FEATURES] and no type u8";
  return "";
}

static std::string anyComplaint(const Input &) { return ""; }

static std::string sequenceComplaint(const Input &input) {
  if (input.pixels || input.shape.size() > 2)
    return "it reads sequences of numbers, but input '" + input.name + "' is " + (input.pixels ? "u8 " : "") +
           shapeText(input.shape) + "; expected shape: [STEPS, FEATURES] and no type u8";
  return "";
}

static std::string frameComplaint(const Input &input) {
  auto &shape = input.shape;
  if (shape.size() != 3 && !(shape.size() == 4 && (shape[3] == 1 || shape[3] == 3)))
    return "it reads clips, but input '" + input.name + "' is " + shapeText(shape) +
           "; expected [frames, height, width] or [frames, height, width, channels] with 1 or 3 channels";
  return pixelComplaint(input);
}

static bool isTable(llvm::StringRef file) { return file.ends_with(".csv") || file.ends_with(".csv.gz"); }

static std::string noLabelColumn(const nn::Options &options) {
  return "labels are in the CSV file '" + options.text("labels") + "'; expected label: COLUMN, that of the class";
}

// What names columns needs a CSV file of labels.
static std::string columnsComplaint(const nn::Options &options) {
  bool table = isTable(options.text("labels"));
  for (llvm::StringRef name : {"label", "only.column", "except.column"})
    if (!table && options.all().count(name.str()) && !options.text(name).empty())
      return llvm::Twine("'", name.split('.').first).concat("' names a column, but 'labels' is no CSV file; expected labels: FILE.csv").str();
  return "";
}

// And such a file needs `label`.
static std::string labelsComplaint(const nn::Options &options) {
  if (isTable(options.text("labels")) && options.text("label").empty()) return noLabelColumn(options);
  return columnsComplaint(options);
}

static std::string arraysComplaint(const nn::Options &options) {
  bool targets = !options.text("targets").empty(), labels = !options.text("labels").empty();
  if (labels && !isTable(options.text("labels")))
    return "'labels' is '" + options.text("labels") + "'; expected a CSV file with a row a sample; arrays are 'targets'";
  if (targets == labels)
    return targets ? "it has both targets and labels; leave one of them out"
                   : "it has neither targets (an array) nor labels (a CSV file); expected one of them";
  return columnsComplaint(options);
}

// One target is the class in a column; several are columns called like their outputs.
static std::string arrayTargetsComplaint(const nn::Options &options, bool byOutput) {
  bool table = isTable(options.text("labels")), label = !options.text("label").empty();
  if (!byOutput) return table && !label ? noLabelColumn(options) : "";
  if (label)
    return "label names the column of the class, but the losses go by output; leave it out: the columns are called "
           "like the outputs";
  return "";
}

using nn::OptionKind;
using nn::OptionSpec;

static OptionSpec file(const char *name, std::optional<std::string> otherwise, const char *doc) {
  return {name, OptionKind::Text, std::move(otherwise), doc};
}

static OptionSpec columns(const char *name, const char *doc) { return {name, OptionKind::Texts, "", doc}; }

static OptionSpec path(const char *doc = "file or folder") { return file("path", std::nullopt, doc); }

// Samples by the values that they have in a column.
static OptionSpec byValues(const char *name, const char *doc, const char *values) {
  OptionSpec spec{name, OptionKind::Options, "", doc};
  spec.inside = {{"column", OptionKind::Text, std::nullopt, "by name"},
                 {"values", OptionKind::Texts, std::nullopt, values}};
  return spec;
}

static OptionSpec only() {
  return byValues("only", "only samples with certain values in a column, as if there were no others",
                  "of the samples to take");
}

static OptionSpec except() {
  return byValues("except", "without the samples with certain values in a column", "of the samples to leave out");
}

static OptionSpec labelColumn(const char *doc) { return file("label", "", doc); }

static OptionSpec separator() { return {"separator", OptionKind::Text, "','", "one character, or tab or space"}; }

static OptionSpec tableOfLabels() {
  return file("labels", "", "CSV file with a row for each sample, with a header, instead of targets");
}

static std::vector<OptionSpec> imageOptions() {
  return {path("folder"),
          {"resize", OptionKind::Choice, "false",
           "false: all images have the input's size; true is bilinear, over the area that a pixel covers", 1,
           {"false", "true", "bilinear", "nearest"}},
          {"fit", OptionKind::Choice, "stretch",
           "where the aspect ratio is another: stretch; crop: cut off both ends; pad: black at both ends", 1,
           {"stretch", "crop", "pad"}},
          {"classes", OptionKind::Texts, "", "only these folders, labels in this order; without it all, by name"},
          {"limit_per_class", OptionKind::Integer, "",
           "only so many files of each class, the first by name; all if absent", 1, {}, 1, 1 << 30}};
}

static std::vector<OptionSpec> imageFolderOptions() {
  std::vector<OptionSpec> options = imageOptions();
  options.push_back(
      file("labels", "",
           "CSV file of `nncc data label` instead of class folders: `file,label` with the class of each image; "
           "`file,labels` with any number of them and ';' between, for K units with a sigmoid; "
           "`file,label,x,y,width,height` with one box in pixels an image, for an output of 4 numbers (x, y, width "
           "and height as shares of the image's) and one of the class"));
  return options;
}

static std::vector<OptionSpec> csvOptions() {
  return {path("file, gzip or not"),
          {"header", OptionKind::Boolean, "true", "the first row holds the names of the columns"},
          {"target", OptionKind::Texts, std::nullopt,
           "column or columns to learn, by name or number from 0: numbers, or one of classes"},
          columns("features", "columns to learn from; by default all that are no target"),
          columns("drop", "columns to leave out of the features"),
          columns("one_hot", "features that become a place for each category of the training part, sorted"),
          columns("index",
                  "features that become the number of their category of the training part, sorted, from 1; 0 is a "
                  "category that it doesn't have: for an embedding"),
          {"missing", OptionKind::Choice, "error",
           "what an empty cell becomes (in a column of categories, but for error and drop_row, none of them); statistics "
           "are those of the training part",
           1, {"error", "mean", "median", "zero", "drop_row"}},
          {"missing_values", OptionKind::Texts, "['?', NA, N/A, nan, NaN, 'null']", "cells that count as empty"},
          separator()};
}

static std::vector<OptionSpec> sequenceOptions() {
  return {path("file, gzip or not"),
          {"columns", OptionKind::Texts, std::nullopt,
           "names for what a line begins with; behind that are the number of steps and the values, step after step"},
          file("label", std::nullopt, "which of the columns is the class"),
          {"features", OptionKind::Integer, "1", "values of a step", 1, {}, 1, 1 << 20},
          only(),
          except(),
          separator()};
}

static std::vector<OptionSpec> seriesOptions() {
  return {path("file, gzip or not"),
          {"columns", OptionKind::Texts, std::nullopt,
           "what a step of the input has: columns by name or number from 0. The input's shape, [STEPS, COLUMNS], says how "
           "many rows a sample looks at"},
          file("target", "", "the column to forecast, by default the first of `columns`; the target's size says how many "
                             "rows behind the window"),
          {"scale", OptionKind::Choice, "standardize",
           "standardize: each column minus its mean, divided by its standard deviation, both of the training part; errors "
           "are told in the file's units too",
           1, {"standardize", "none"}},
          file("strip", "", "characters that are taken away from both ends of cells"),
          {"header", OptionKind::Boolean, "true", "the first row holds the names of the columns"},
          separator()};
}

static std::vector<OptionSpec> pairsOptions() {
  return {{"of", OptionKind::Options, std::nullopt,
           "the reader, `{READER: {options}}`; splits are those of its samples, and each part makes pairs of its own"},
          {"count", OptionKind::Integer, "", "pairs of an epoch; by default as many as samples", 1, {}, 2, 1 << 30},
          {"evaluation_count", OptionKind::Integer, "",
           "pairs for validation and test, always the same; by default as many as samples", 1, {}, 2, 1 << 30}};
}

llvm::ArrayRef<ReaderSpec> readers() {
  static const std::vector<ReaderSpec> all = {
      {"cifar10_binary", "CIFAR-10's binary files: a file, or a folder of them", {path()}, "path", false,
       cifarComplaint},
      {"csv", "a row a sample: columns of numbers, or of texts as categories", csvOptions(), "", false,
       tableComplaint, false, false, true},
      {"frame_folder",
       "one folder for each class, in it one for each clip with its frames: JPEG, PNG, PGM and PPM files in the order of "
       "their numbers",
       imageOptions(), "path", false, frameComplaint, true, false, true},
      {"idx", "MNIST's files, gzip or not",
       {file("images", std::nullopt, "file of samples"),
        file("labels", std::nullopt, "file of their classes, or a CSV file with a row for each sample, with a header"),
        labelColumn("the column of the class, where `labels` is a CSV file"), only(), except()},
       "", false, anyComplaint, false, false, true, false, labelsComplaint},
      {"image_folder",
       "one folder of JPEG, PNG, PGM and PPM files for each class, or a folder of them with a file of labels",
       imageFolderOptions(), "path", false,
       imageComplaint, false, false, true},
      {"npy", "NumPy's files: float32, float64 or integers, C order",
       {file("inputs", std::nullopt, "file of samples, first dimension first"),
        file("targets", "", "file of their targets: numbers, or class numbers"), tableOfLabels(),
        labelColumn("the column of the class in `labels`. Without it, where losses go by output, columns are called "
                    "like the outputs: `speed`, or, of several numbers, with anything behind a dot and in that order: "
                    "`box.x`, `box.y`, ...; numbers, or classes where the loss is of these. Cells of an output of "
                    "`missing_targets` may be empty"),
        only(), except()},
       "", false, anyComplaint, false, false, true, false, arraysComplaint, arrayTargetsComplaint},
      {"npz",
       "NumPy's archives, compressed or not; for a model with several inputs or targets, or with lengths, with an array for "
       "each, called like it: left, left.lengths, labels",
       {path("file"), file("inputs", "inputs", "name of the array of samples"),
        file("targets", "targets", "name of that of their targets")},
       "path", false, anyComplaint, true, true},
      {"pairs",
       "two samples of a reader of classes and whether they are of the same class (1, else 0), for a model of two inputs "
       "alike: half of the pairs are, and training draws new ones in each epoch",
       pairsOptions(), "", false, anyComplaint, true, true},
      {"sequence_csv", "a line a sample: columns, the number of its steps, and the values of each step",
       sequenceOptions(), "", false, sequenceComplaint, true, false, true},
      {"series", "windows of a series, a row a step, and the rows behind each as its target", seriesOptions(), "", false,
       sequenceComplaint, true, false, false, true},
      {"ts", "the .ts files of the aeon and UEA archives: a line a sample, dimensions as features, classes as in the header",
       {path("file, gzip or not")}, "path", false, sequenceComplaint, true, false, true},
      {"fraction", "a share of the training samples, by a hash of each, so that it stays the same one",
       {{"fraction", OptionKind::Number, std::nullopt, "of the samples", 1, {}, 0, 1}}, "fraction", true},
      {"group",
       "the samples with certain values in a column: of csv and sequence_csv by their columns, of readers with a CSV file "
       "of labels by that file's, else by the `class` or the `file` (and, of frame_folder, the `clip`)",
       {{"column", OptionKind::Text, std::nullopt, "by name, in csv also by number from 0; there a feature too unless dropped"},
        {"values", OptionKind::Texts, std::nullopt, "of the samples to take"}},
       "", true},
      {"fold", "one of K parts of nearly equal size, for cross-validation: all samples of one group are in one fold",
       {{"index", OptionKind::Integer, std::nullopt, "which one, from 0", 1, {}, 0, 999},
        {"of", OptionKind::Integer, std::nullopt, "how many there are", 1, {}, 2, 1000},
        file("column", "", "what makes the groups, as in `group`; without it each sample is one")},
       "", true},
      {"list",
       "the samples that a file names, one a line, as `nncc data split` writes such files; what no list names is the "
       "training's",
       {path("of the list"),
        file("column", "'file'", "what its lines are values of, as in `group`; `file` is CLASS/FILE of image_folder and "
                                 "CLASS/CLIP of frame_folder")},
       "path", true},
      {"last", "the end of a series: the last rows; those of validation are before those of test",
       {{"last", OptionKind::Number, std::nullopt, "share of the rows", 1, {}, 0, 1}}, "last", true},
  };
  return all;
}

} // namespace nncc::frontend
