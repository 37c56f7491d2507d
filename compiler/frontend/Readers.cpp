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

llvm::ArrayRef<ReaderSpec> readers() {
  static const std::vector<ReaderSpec> all = {
      {"cifar10_binary", "CIFAR-10's binary files: a file, or a folder of them", {}, cifarComplaint},
      {"image_folder", "one folder of JPEG and PNG files for each class", {}, imageComplaint},
  };
  return all;
}

} // namespace nncc::frontend
