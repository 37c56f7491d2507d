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
      {"rotation", OptionKind::Number, "0",
       "by up to as many degrees either way; sequences, whose features are vectors in space (x, y, z), about any axis",
       1, {}, 0, 180},
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
      {"time_stretch", OptionKind::Number, "0",
       "a sequence with lengths takes 1 - time_stretch to 1 + time_stretch times as long, at most all steps of the "
       "input", 1, {}, 0, 0.9},
      {"quarter_turn_classes", OptionKind::Boolean, "false",
       "the images of each class turned by 90, 180 and 270 degrees make three more classes, the vectors in space "
       "(x, y, z) of sequences turned in all 24 ways in which a cube can lie make 23, with the loss triplet: 4 or 24 "
       "times as many samples an epoch, in memory"},
      {"reversed_classes", OptionKind::Boolean, "false",
       "the sequences of each class from the last step to the first make one more class, with the loss triplet: twice as "
       "many samples an epoch, in memory; turned ones too where there are such"},
  };
  return all;
}

namespace {

bool isOn(const nn::Options &options, llvm::StringRef name) {
  if (name == "shift") return llvm::any_of(options.numbers(name), [](double share) { return share > 0; });
  if (name == "quarter_turn_classes" || name == "reversed_classes") return options.boolean(name);
  if (name == "crop_padding" || name == "cutout") return options.integer(name) > 0;
  return options.number(name) > 0;
}

// The first of these options that is on; "" where none is.
llvm::StringRef firstOn(const nn::Options &options, llvm::ArrayRef<llvm::StringRef> names) {
  const auto *found = llvm::find_if(names, [&](llvm::StringRef name) { return isOn(options, name); });
  return found == names.end() ? "" : *found;
}

bool isImage(const Input &input) {
  auto &shape = input.shape;
  return input.pixels && (shape.size() == 2 || (shape.size() == 3 && shape[2] <= 4));
}

bool isSequence(const Input &input) { return !input.pixels && input.shape.size() == 2; }

std::string suitable(const Input &input) {
  if (isImage(input)) return "leave it out";
  if (!isSequence(input)) return "of the options only mixup suits it";
  return input.lengths ? "of the options time_stretch, rotation, quarter_turn_classes and reversed_classes suit it"
                       : "of the options rotation, quarter_turn_classes, reversed_classes and mixup suit it";
}

std::string imageComplaint(const nn::Options &options, const Input &input) {
  auto &shape = input.shape;
  int64_t padding = options.integer("crop_padding"), side = options.integer("cutout");
  if (padding >= std::min(shape[0], shape[1]))
    return "a crop_padding of " + std::to_string(padding) + " is not smaller than the sides of input '" + input.name +
           "', " + shapeText(shape);
  if (side >= std::max(shape[0], shape[1]))
    return "a cutout of " + std::to_string(side) + " hides all of input '" + input.name + "', " + shapeText(shape) +
           "; expected less than its sides";
  if (isOn(options, "quarter_turn_classes") && shape[0] != shape[1])
    return "quarter_turn_classes turns square images, but input '" + input.name + "' is " + shapeText(shape) +
           "; leave it out";
  return "";
}

std::string sequenceComplaint(const nn::Options &options, const Input &input) {
  if (isOn(options, "time_stretch") && !input.lengths)
    return "time_stretch changes how many steps a sample has, but those of input '" + input.name + "' have " +
           std::to_string(input.shape[0]) + " each; give it `lengths: true`";
  llvm::StringRef turns = firstOn(options, {"rotation", "quarter_turn_classes"});
  if (!turns.empty() && input.shape[1] % 3 != 0)
    return turns.str() + " turns vectors in space, 3 features each, but input '" + input.name + "' is f32 " +
           shapeText(input.shape) + "; leave it out";
  return "";
}

} // namespace

std::string augmentComplaint(const nn::Options &options, const Input &input) {
  if (isOn(options, "mixup") && input.lengths)
    return "mixup can't blend samples of different lengths, as those of input '" + input.name + "' are; leave it out";
  std::string butInput = ", but input '" + input.name + "' is " + (input.pixels ? "u8 " : "f32 ") +
                         shapeText(input.shape) + "; " + suitable(input);
  llvm::StringRef ofImages = firstOn(options, {"horizontal_flip", "vertical_flip", "shift", "crop_padding", "zoom",
                                               "contrast", "brightness", "cutout"});
  if (!ofImages.empty() && !isImage(input)) return (ofImages + " varies images of u8 pixels").str() + butInput;
  llvm::StringRef ofSequences = firstOn(options, {"time_stretch", "reversed_classes"});
  if (!ofSequences.empty() && !isSequence(input))
    return (ofSequences + " varies sequences, f32 [steps, features]").str() + butInput;
  llvm::StringRef turns = firstOn(options, {"rotation", "quarter_turn_classes"});
  if (!turns.empty() && !isImage(input) && !isSequence(input))
    return (turns + " turns images of u8 pixels and vectors of sequences").str() + butInput;
  if (isImage(input)) return imageComplaint(options, input);
  return isSequence(input) ? sequenceComplaint(options, input) : "";
}

} // namespace nncc::frontend
