#include "data/Augmentation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numbers>
#include <stdexcept>
#include <string>
#include <string_view>

#include "data/Random.h"
#include "error.h"

namespace nncc::data {

namespace {

// Numbers of a sample in the stream of its epoch. What an operation draws must never change: a
// resumed training would go on with other images.
constexpr uint64_t kNumbersPerSample = 512;
enum Draw : uint64_t {
  kHorizontalFlip,
  kVerticalFlip,
  kShiftY,
  kShiftX,
  kCropY,
  kCropX,
  kRotation,
  kZoom,
  kContrast,
  kBrightness,
  kCutoutY,
  kCutoutX,
  kPartner,
  kTimeStretch,
  kAxisHeight,
  kAxisLongitude,
  kShare = 256,  // and all behind it
};

constexpr int kWhole = 256;  // of a share in mixup: 8 bits times 8 bits fit into 16

[[noreturn]] void unknown(const NnccOption &option) {
  throw UserError("augment: this runtime does not know '" + std::string(option.key) + ": " +
                  option.text + "'; compile the model again with the nncc that this library is of");
}

FillMode fillModeOf(const NnccOption &option) {
  std::string_view text = option.text;
  if (text == "reflect") return FillMode::Reflect;
  if (text == "constant") return FillMode::Constant;
  if (text == "nearest") return FillMode::Nearest;
  if (text == "wrap") return FillMode::Wrap;
  unknown(option);
}

// Two numbers, as the compiler writes a list.
std::array<double, 2> pairOf(const NnccOption &option) {
  std::array<double, 2> values;
  const char *text = option.text, *end = text + std::strlen(text);
  for (double &value : values) {
    auto [rest, error] = std::from_chars(text, end, value);
    if (error != std::errc()) unknown(option);
    text = rest;
    while (text != end && *text == *NNCC_LIST_SEPARATOR) ++text;
  }
  return values;
}

// Uniform in [-most, most).
double around(double most, double uniform) { return most * (2 * uniform - 1); }

// Log of a number from Gamma(shape), by Marsaglia and Tsang, "A simple method for generating gamma
// variables", 2000: of numbers `position` to position + 4 * kRounds. A round is refused in less
// than one case of 20; after the last one the number is taken as it is.
constexpr int kRounds = 30;
double logGammaDraw(double shape, const Random &random, uint64_t position) {
  double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  double logCube = 0;
  for (int round = 0; round < kRounds; ++round) {
    double x = random.normal(position / 2 + 2 * round);
    double root = 1 + c * x;
    if (root <= 0) continue;
    logCube = 3 * std::log(root);
    double accept = 1 - random.uniform(position + 4 * round + 2);
    if (std::log(accept) < x * x / 2 + d * (1 - std::exp(logCube) + logCube)) break;
  }
  double result = std::log(d) + logCube;
  if (shape < 1) result += std::log(1 - random.uniform(position + 4 * kRounds)) / shape;
  return result;
}

// Mean of each channel.
std::array<double, 4> meansOf(const ImageShape &shape, const uint8_t *image) {
  std::array<int64_t, 4> sums{};
  int64_t pixels = int64_t{shape.height} * shape.width;
  for (int64_t i = 0; i < pixels; ++i)
    for (int c = 0; c < shape.channels; ++c) sums[c] += *image++;
  std::array<double, 4> means;
  for (int c = 0; c < 4; ++c) means[c] = static_cast<double>(sums[c]) / static_cast<double>(pixels);
  return means;
}

uint8_t level(double value) {
  return static_cast<uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));  // cut, not rounded
}

void blend(uint8_t *to, const uint8_t *other, int64_t count, uint16_t share) {
  uint16_t rest = static_cast<uint16_t>(kWhole - share);
  for (int64_t i = 0; i < count; ++i)
    to[i] = static_cast<uint8_t>(
        static_cast<uint16_t>(to[i] * share + other[i] * rest + kWhole / 2) >> 8);
}

void blend(float *to, const float *other, int64_t count, float share) {
  for (int64_t i = 0; i < count; ++i) to[i] = share * to[i] + (1 - share) * other[i];
}

}  // namespace

double betaDraw(double alpha, const Random &random, uint64_t position) {
  // As logs: for a small alpha both numbers may be too small for a double.
  double first = logGammaDraw(alpha, random, position);
  double second = logGammaDraw(alpha, random, position + 4 * kRounds + 2);
  return 1 / (1 + std::exp(second - first));
}

// What happens to one sample in one epoch.
struct Augmentation::Variation {
  bool flipX, flipY;
  double shiftY, shiftX;    // shares of the size
  int32_t cropY, cropX;     // pixels
  double radians, side;     // see affine()
  double contrast;          // factor
  double brightness;        // in grey levels
  double cutoutY, cutoutX;  // shares of the size
  SequenceChange change;
};

Augmentation::Augmentation(const NnccComponent &augment, std::span<const NnccTensor> tensors, size_t firstTarget,
                           bool apart)
    : apart(apart) {
  if (!augment.kind) return;
  for (const NnccOption &option :
       std::span(augment.options, static_cast<size_t>(augment.num_options))) {
    std::string_view key = option.key;
    if (key == "horizontal_flip") horizontalFlip = option.number;
    else if (key == "vertical_flip") verticalFlip = option.number;
    else if (key == "shift") {
      auto [height, width] = pairOf(option);
      shiftHeight = height;
      shiftWidth = width;
    } else if (key == "crop_padding") cropPadding = static_cast<int32_t>(option.number);
    else if (key == "rotation") rotation = option.number;
    else if (key == "zoom") zoom = option.number;
    else if (key == "fill_mode") fill.mode = fillModeOf(option);
    else if (key == "fill_value") fill.value = static_cast<uint8_t>(option.number);
    else if (key == "contrast") contrast = option.number;
    else if (key == "brightness") brightness = option.number;
    else if (key == "mixup") mixup = option.number;
    else if (key == "cutout") cutout = static_cast<int32_t>(option.number);
    else if (key == "time_stretch") timeStretch = option.number;
    else if (key == "quarter_turn_classes" || key == "reversed_classes") continue;  // of whole data sets
    else unknown(option);
  }
  places = horizontalFlip > 0 || verticalFlip > 0 || shiftHeight > 0 || shiftWidth > 0 ||
           cropPadding > 0;
  turns = rotation > 0 || zoom > 0;
  tones = contrast > 0 || brightness > 0;

  for (size_t i = 0; i < tensors.size(); ++i) {
    const NnccTensor &tensor = tensors[i];
    bool image = tensor.type == NNCC_U8 &&
                 (tensor.rank == 2 || (tensor.rank == 3 && tensor.shape[2] <= 4));
    Column column{Column::Labels, {}, {}, sampleBytes(tensor) / elementBytes(tensor.type)};
    if (image) {
      column.kind = Column::Image;
      column.shape = {static_cast<int32_t>(tensor.shape[0]), static_cast<int32_t>(tensor.shape[1]),
                      tensor.rank == 3 ? static_cast<int32_t>(tensor.shape[2]) : 1};
    } else if (tensor.type == NNCC_U8) {
      column.kind = Column::Pixels;
    } else if (tensor.type == NNCC_F32 && tensor.rank == 2 && i < firstTarget) {
      column.kind = Column::Sequence;
      column.sequence = {tensor.shape[0], tensor.shape[1]};
      requireSequence(tensor, column.sequence, i + 1 < tensors.size() && isLengths(tensors[i + 1]));
    } else if (tensor.type == NNCC_F32) {
      column.kind = Column::Numbers;
    } else if (isLengths(tensor) && !columns.empty() && columns.back().kind == Column::Sequence) {
      column.kind = Column::Lengths;
    } else if (mixup > 0) {
      throw UserError("augment: mixup can't blend '" + std::string(tensor.name) +
                      "', which holds class numbers; expected a loss with numbers as targets, such "
                      "as categorical_crossentropy");
    }
    columns.push_back(column);
  }
}

// The compiler has said so before, and where: these would read or write what is not theirs.
void Augmentation::requireSequence(const NnccTensor &tensor, const SequenceShape &shape, bool hasLengths) const {
  std::string input = "input '" + std::string(tensor.name) + "' is " + shapeText(tensor);
  if (timeStretch > 0 && !hasLengths)
    throw UserError("augment: time_stretch changes lengths, but " + input + " without `lengths: true`");
  if (mixup > 0 && hasLengths)
    throw UserError("augment: mixup can't blend sequences of different lengths, but " + input + " with lengths");
  if (rotation > 0 && shape.features % 3 != 0)
    throw UserError("augment: rotation turns vectors of 3 features, but " + input);
}

int64_t Augmentation::scratchBytes() const {
  int64_t bytes = 0;  // for the partner's image or sequence
  if (mixup > 0)
    for (const Column &column : columns) {
      if (column.kind == Column::Image) bytes = std::max(bytes, column.shape.bytes());
      if (column.kind == Column::Sequence)
        bytes = std::max(bytes, column.elements * static_cast<int64_t>(sizeof(float)));
    }
  return bytes;
}

Augmentation::Variation Augmentation::draw(uint64_t seed, int64_t epoch, int64_t index) const {
  Random random(seed, Purpose::Augmentation, static_cast<uint64_t>(epoch));
  uint64_t first = static_cast<uint64_t>(index) * kNumbersPerSample;
  auto uniform = [&](Draw draw) { return random.uniform(first + draw); };
  // Uniform in -cropPadding..cropPadding.
  auto crop = [&](Draw draw) {
    uint64_t places = 2 * static_cast<uint64_t>(cropPadding) + 1;
    return cropPadding ? static_cast<int32_t>(random.below(first + draw, places)) - cropPadding : 0;
  };
  Variation v{};
  v.flipX = horizontalFlip > 0 && uniform(kHorizontalFlip) < horizontalFlip;
  v.flipY = verticalFlip > 0 && uniform(kVerticalFlip) < verticalFlip;
  if (shiftHeight > 0) v.shiftY = around(shiftHeight, uniform(kShiftY));
  if (shiftWidth > 0) v.shiftX = around(shiftWidth, uniform(kShiftX));
  v.cropY = crop(kCropY);
  v.cropX = crop(kCropX);
  if (rotation > 0) v.radians = around(rotation, uniform(kRotation)) * std::numbers::pi / 180;
  v.side = zoom > 0 ? 1 + around(zoom, uniform(kZoom)) : 1;
  v.contrast = contrast > 0 ? 1 + around(contrast, uniform(kContrast)) : 1;
  if (brightness > 0) v.brightness = 255 * around(brightness, uniform(kBrightness));
  if (cutout > 0) {
    v.cutoutY = uniform(kCutoutY);
    v.cutoutX = uniform(kCutoutX);
  }
  if (timeStretch > 0) v.change.stretch = 1 + around(timeStretch, uniform(kTimeStretch));
  v.change.turns = rotation > 0;
  if (rotation > 0)  // equal parts of an axis' length have equal parts of the sphere around them
    v.change.rotation = rotationAbout(2 * uniform(kAxisHeight) - 1, 2 * std::numbers::pi * uniform(kAxisLongitude),
                                      v.radians);
  return v;
}

int64_t Augmentation::varySequence(const Dataset &dataset, size_t number, const Variation &v, int64_t index,
                                   float *to) const {
  const Column &column = columns[number];
  int c = static_cast<int>(number);
  bool hasLengths = number + 1 < columns.size() && columns[number + 1].kind == Column::Lengths;
  int64_t length = hasLengths ? dataset.integer(c + 1, index) : column.sequence.steps;
  return change(column.sequence, v.change, length, reinterpret_cast<const float *>(dataset.sample(c, index)), to);
}

void Augmentation::varyImage(const Column &column, const Variation &v, const std::byte *sample,
                             uint8_t *to) const {
  auto *from = reinterpret_cast<const uint8_t *>(sample);
  const ImageShape &shape = column.shape;
  Placement placement{v.flipX, v.flipY,
                      static_cast<int32_t>(std::lround(v.shiftX * shape.width)) + v.cropX,
                      static_cast<int32_t>(std::lround(v.shiftY * shape.height)) + v.cropY};
  if (turns)
    resample(shape, fill, affine(shape, placement, v.radians, v.side), from, to);
  else if (places)
    place(shape, fill, placement, from, to);
  else
    std::memcpy(to, from, shape.bytes());
  if (tones) changeTones(shape, v, to);
}

void Augmentation::changeTones(const ImageShape &shape, const Variation &v, uint8_t *image) const {
  std::array<double, 4> means{};
  if (contrast > 0) means = meansOf(shape, image);
  uint8_t levels[4][256];
  for (int c = 0; c < shape.channels; ++c)
    for (int i = 0; i < 256; ++i)
      levels[c][i] = level((i - means[c]) * v.contrast + means[c] + v.brightness);
  int64_t pixels = int64_t{shape.height} * shape.width;
  for (int64_t i = 0; i < pixels; ++i)
    for (int c = 0; c < shape.channels; ++c, ++image) *image = levels[c][*image];
}

void Augmentation::cutOut(const ImageShape &shape, const Variation &v, uint8_t *image) const {
  std::array<double, 4> means = meansOf(shape, image);
  uint8_t mean[4];
  for (int c = 0; c < 4; ++c) mean[c] = level(means[c]);
  // Around a pixel of the image: at the edges a part of the square is outside.
  auto range = [&](double place, int32_t size) {
    int32_t begin = static_cast<int32_t>(place * size) - cutout / 2;
    return std::pair(std::max(begin, 0), std::min(begin + cutout, size));
  };
  auto [top, bottom] = range(v.cutoutY, shape.height);
  auto [left, right] = range(v.cutoutX, shape.width);
  for (int64_t y = top; y < bottom; ++y) {
    uint8_t *to = image + (y * shape.width + left) * shape.channels;
    for (int64_t x = left; x < right; ++x)
      for (int c = 0; c < shape.channels; ++c) *to++ = mean[c];
  }
}

void Augmentation::apply(const Dataset &dataset, uint64_t seed, int64_t epoch, int64_t index,
                         std::span<void *const> to, std::span<std::byte> scratch) const {
  if (columns.empty()) {  // there is no `augment`
    for (int c = 0; c < dataset.columns(); ++c)
      std::memcpy(to[c], dataset.sample(c, index), dataset.sampleBytes(c));
    return;
  }
  if (static_cast<int>(columns.size()) != dataset.columns() ||
      static_cast<int64_t>(scratch.size()) < scratchBytes())
    throw std::invalid_argument("Augmentation: other columns, or too little scratch");

  Variation own = draw(seed, epoch, index), partners{};
  int64_t partner = 0;
  int share = kWhole;
  if (mixup > 0) {
    Random random(seed, Purpose::Augmentation, static_cast<uint64_t>(epoch));
    uint64_t first = static_cast<uint64_t>(index) * kNumbersPerSample;
    partner = static_cast<int64_t>(
        random.below(first + kPartner, static_cast<uint64_t>(dataset.size())));
    share = static_cast<int>(std::lround(betaDraw(mixup, random, first + kShare) * kWhole));
    partners = draw(seed, epoch, partner);
  }
  int64_t varied = 0, length = 0;
  for (size_t c = 0; c < columns.size(); ++c) {
    const Column &column = columns[c];
    if (column.varies() && varied++ > 0 && apart) {
      // Numbers of no other sample: these are below 2^32.
      int64_t further = (varied - 1) << 32;
      own = draw(seed, epoch, index + further);
      partners = draw(seed, epoch, partner + further);
    }
    const std::byte *from = dataset.sample(static_cast<int>(c), index);
    auto *bytes = static_cast<uint8_t *>(to[c]);
    if (column.kind == Column::Image) {
      varyImage(column, own, from, bytes);
    } else if (column.kind == Column::Sequence) {
      length = varySequence(dataset, c, own, index, static_cast<float *>(to[c]));
    } else if (column.kind == Column::Lengths) {
      auto written = static_cast<int32_t>(length);
      std::memcpy(bytes, &written, sizeof written);
    } else {
      std::memcpy(bytes, from, dataset.sampleBytes(static_cast<int>(c)));
    }
    if (share < kWhole) {
      const std::byte *other = dataset.sample(static_cast<int>(c), partner);
      if (column.kind == Column::Image) {
        auto *image = reinterpret_cast<uint8_t *>(scratch.data());
        varyImage(column, partners, other, image);
        blend(bytes, image, column.elements, static_cast<uint16_t>(share));
      } else if (column.kind == Column::Pixels) {
        blend(bytes, reinterpret_cast<const uint8_t *>(other), column.elements,
              static_cast<uint16_t>(share));
      } else {
        auto *numbers = reinterpret_cast<const float *>(other);
        if (column.kind == Column::Sequence) {
          auto *sequence = reinterpret_cast<float *>(scratch.data());
          varySequence(dataset, c, partners, partner, sequence);
          numbers = sequence;
        }
        blend(static_cast<float *>(to[c]), numbers, column.elements, static_cast<float>(share) / kWhole);
      }
    }
    if (cutout > 0 && column.kind == Column::Image) cutOut(column.shape, own, bytes);
  }
}

std::function<void(int64_t, int64_t, std::span<void *const>)> Augmentation::transform(
    const Dataset &dataset, uint64_t seed) const {
  return [this, &dataset, seed, scratch = std::vector<std::byte>(scratchBytes())](
             int64_t epoch, int64_t sample, std::span<void *const> columns) mutable {
    apply(dataset, seed, epoch, sample, columns, scratch);
  };
}

}  // namespace nncc::data
