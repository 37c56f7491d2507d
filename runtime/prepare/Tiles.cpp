#include "prepare/Tiles.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/Resize.h"

namespace nncc::prepare {

using report::Colour;
using report::Picture;

namespace {

constexpr int shownFrames = 6, shownCurves = 8, gap = 1;

Picture imageTile(const NnccTensor &tensor, const std::byte *sample, int64_t steps, int side) {
  ImageForm form = formOf(tensor);
  int frames =
      form.frames == 1 ? 1 : static_cast<int>(std::clamp<int64_t>(steps, 1, std::min(form.frames, shownFrames)));
  int longest = std::max(form.height, form.width);
  int scale = std::max(1, side / longest);
  data::ImageSize from{form.height, form.width, form.channels}, to = from;
  if (longest > side) {
    to.height = std::max(1, form.height * side / longest);
    to.width = std::max(1, form.width * side / longest);
  }
  Picture picture((to.width * scale + gap) * frames - gap, to.height * scale, report::grey(255));
  data::Resizer resizer;
  std::vector<std::byte> small(static_cast<size_t>(to.height) * to.width * form.channels);
  int64_t frameBytes = static_cast<int64_t>(form.height) * form.width * form.channels;
  for (int frame = 0; frame < frames; ++frame) {
    // Of all frames that there are, from first to last.
    int64_t number = frames == 1 ? 0 : frame * (std::min<int64_t>(steps, form.frames) - 1) / (frames - 1);
    const std::byte *pixels = sample + number * frameBytes;
    if (longest > side) {
      resizer.resize(pixels, from, small.data(), to, {.method = data::Resizing::Bilinear});
      pixels = small.data();
    }
    picture.image((to.width * scale + gap) * frame, 0, to.width, to.height, form.channels,
                  reinterpret_cast<const uint8_t *>(pixels), scale);
  }
  return picture;
}

// A feature over the steps, between the least and the most of all features.
Picture curveTile(const NnccTensor &tensor, const std::byte *sample, int64_t steps, int side) {
  constexpr Colour colours[] = {{31, 119, 180}, {214, 95, 14}, {44, 140, 60},   {190, 50, 60},
                                {120, 90, 170}, {120, 80, 70}, {200, 100, 170}, {110, 110, 110}};
  int64_t features = tensor.rank == 2 ? tensor.shape[1] : 1;
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (int64_t i = 0; i < steps * features; ++i) {
    double value = valueOf(tensor, sample, i);
    if (!std::isfinite(value)) continue;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  Picture picture(side, side, report::grey(245));
  for (int64_t feature = 0; feature < std::min<int64_t>(features, shownCurves); ++feature) {
    auto height = [&](int x) {
      int64_t step =
          steps == 1 ? 0 : std::llround(static_cast<double>(x) * static_cast<double>(steps - 1) / (side - 1));
      double value = valueOf(tensor, sample, step * features + feature);
      double share = most > least ? (value - least) / (most - least) : 0.5;
      return std::isfinite(share) ? side - 2 - static_cast<int>(std::lround(share * (side - 3))) : side;
    };
    for (int x = 0, before = height(0); x < side; ++x) {
      int now = height(x), top = std::min(before, now);
      picture.fill(x, top, 1, std::max(1, std::abs(now - before)), colours[feature]);
      before = now;
    }
  }
  return picture;
}

}  // namespace

bool hasTile(const NnccTensor &tensor) {
  bool numbers = tensor.type == NNCC_F32 || tensor.type == NNCC_F64;
  return tensor.rank >= 2 && (tensor.type == NNCC_U8 || (numbers && tensor.rank == 2));
}

Picture tileOf(const NnccTensor &tensor, const std::byte *sample, int64_t steps, int side) {
  return tensor.type == NNCC_U8 ? imageTile(tensor, sample, steps, side) : curveTile(tensor, sample, steps, side);
}

}  // namespace nncc::prepare
