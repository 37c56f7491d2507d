//===- Augmentation.cpp - what `augment` can say ---------------------------===//
#include "frontend/Augmentation.h"
#include "frontend/Text.h"

namespace nncc::frontend {

using nn::OptionKind;

llvm::ArrayRef<nn::OptionSpec> augmentOptions() {
  static const std::vector<nn::OptionSpec> all = {
      {"horizontal_flip", OptionKind::Probability, "false", "left and right change places; true: with probability 0.5"},
      {"vertical_flip", OptionKind::Probability, "false", "top and bottom change places"},
      {"shift", OptionKind::NumberPair, "0",
       "by up to this share of height and width, to either side, in whole pixels", 1, {}, 0, 1},
      {"crop_padding", OptionKind::Integer, "0",
       "pads each side by so many pixels, as fill_mode says, and crops to the size anywhere", 1, {}, 0, 4096},
      {"rotation", OptionKind::Number, "0", "by up to as many degrees either way", 1, {}, 0, 180},
      {"zoom", OptionKind::Number, "0", "shows a part whose sides are 1 - zoom to 1 + zoom times the image's", 1, {}, 0,
       0.9},
      {"fill_mode", OptionKind::Choice, "reflect", "what is seen beyond the edges, as in Keras", 1,
       {"reflect", "constant", "nearest", "wrap"}},
      {"fill_value", OptionKind::Integer, "0", "what `constant` fills in", 1, {}, 0, 255},
      {"contrast", OptionKind::Number, "0", "distances to the mean times 1 - contrast to 1 + contrast", 1, {}, 0, 1},
      {"brightness", OptionKind::Number, "0", "adds up to this share of 255, or takes it away", 1, {}, 0, 1},
      {"mixup", OptionKind::Number, "0",
       "alpha: blends image and target with those of another sample, the share is Beta(alpha, alpha)", 1, {}, 0, 1000},
      {"cutout", OptionKind::Integer, "0", "side of a square that is set to the image's mean, anywhere", 1, {}, 0,
       1 << 15},
      {"quarter_turn_classes", OptionKind::Boolean, "false",
       "the images of each class turned by 90, 180 and 270 degrees make three more classes, with the loss triplet: four "
       "times as many samples an epoch"},
  };
  return all;
}

std::string augmentComplaint(const nn::Options &options, const Input &input) {
  auto &shape = input.shape;
  auto pair = options.numbers("shift");
  int64_t padding = options.integer("crop_padding"), side = options.integer("cutout");
  bool pixels = pair[0] > 0 || pair[1] > 0 || padding > 0 || side > 0;
  bool turns = options.boolean("quarter_turn_classes");
  pixels |= turns;
  for (llvm::StringRef name : {"horizontal_flip", "vertical_flip", "rotation", "zoom", "contrast", "brightness"})
    pixels |= options.number(name) > 0;
  if (!pixels) return "";
  bool image = shape.size() == 2 || (shape.size() == 3 && shape[2] <= 4);
  if (!input.pixels || !image)
    return "it varies images of u8 pixels, but input '" + input.name + "' is " + (input.pixels ? "u8 " : "f32 ") +
           shapeText(shape) + "; of the options only mixup suits it";
  if (padding >= std::min(shape[0], shape[1]))
    return "a crop_padding of " + std::to_string(padding) + " is not smaller than the sides of input '" + input.name +
           "', " + shapeText(shape);
  if (side >= std::max(shape[0], shape[1]))
    return "a cutout of " + std::to_string(side) + " hides all of input '" + input.name + "', " + shapeText(shape) +
           "; expected less than its sides";
  if (turns && shape[0] != shape[1])
    return "quarter_turn_classes turns square images, but input '" + input.name + "' is " + shapeText(shape) +
           "; leave it out";
  return "";
}

} // namespace nncc::frontend
