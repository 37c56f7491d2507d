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

using nn::OptionKind;
using nn::OptionSpec;

static OptionSpec file(const char *name, std::optional<std::string> otherwise, const char *doc) {
  return {name, OptionKind::Text, std::move(otherwise), doc};
}

static OptionSpec columns(const char *name, const char *doc) { return {name, OptionKind::Texts, "", doc}; }

static OptionSpec path(const char *doc = "file or folder") { return file("path", std::nullopt, doc); }

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
          {"separator", OptionKind::Text, "','", "one character, or tab or space"}};
}

llvm::ArrayRef<ReaderSpec> readers() {
  static const std::vector<ReaderSpec> all = {
      {"cifar10_binary", "CIFAR-10's binary files: a file, or a folder of them", {path()}, "path", false,
       cifarComplaint},
      {"csv", "a row a sample: columns of numbers, or of texts as categories", csvOptions(), "", false,
       tableComplaint},
      {"idx", "MNIST's files, gzip or not",
       {file("images", std::nullopt, "file of samples"), file("labels", std::nullopt, "file of their classes")}, "",
       false, anyComplaint},
      {"image_folder", "one folder of JPEG, PNG, PGM and PPM files for each class", imageOptions(), "path", false,
       imageComplaint},
      {"npy", "NumPy's files: float32, float64 or integers, C order",
       {file("inputs", std::nullopt, "file of samples, first dimension first"),
        file("targets", std::nullopt, "file of their targets: numbers, or class numbers")},
       "", false, anyComplaint},
      {"npz", "NumPy's archives, compressed or not",
       {path("file"), file("inputs", "inputs", "name of the array of samples"),
        file("targets", "targets", "name of that of their targets")},
       "path", false, anyComplaint},
      {"fraction", "a share of the training samples, by a hash of each, so that it stays the same one",
       {{"fraction", OptionKind::Number, std::nullopt, "of the samples", 1, {}, 0, 1}}, "fraction", true},
      {"group", "the rows of the training's csv reader with certain values in a column",
       {{"column", OptionKind::Text, std::nullopt, "by name or number from 0; a feature too unless dropped"},
        {"values", OptionKind::Texts, std::nullopt, "of the rows to take"}},
       "", true},
  };
  return all;
}

} // namespace nncc::frontend
