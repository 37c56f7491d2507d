#include "cli/FeaturePicture.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numeric>

#include "report/Text.h"

namespace nncc::cli {

namespace {

using report::Colour;
using report::Picture;

constexpr Colour kPaper = {236, 239, 243}, kInk = {24, 30, 40}, kFaint = {120, 128, 140};
constexpr Colour kFlat = {150, 182, 222};                      // a map of one value
constexpr Colour kAbove = {36, 98, 178}, kBelow = {214, 108, 36};  // bars
constexpr Colour kNoNumber = {220, 0, 0};

constexpr int kMargin = 20, kWidth = 1200;       // of the content
constexpr int kHeading = 2, kSmall = 1;          // scales of text
constexpr int kGap = 4;                          // between tiles
constexpr int kIndexWidth = 5 * 6;               // left of each row of tiles: the first one's number
constexpr int kTile = 64, kLargestTile = 256;    // small maps are scaled up to the one, large ones down
constexpr int kMostTiles = 1024, kMostCells = 1 << 17;
constexpr int kBars = 72, kMostBars = kWidth / 3, kWidestBar = 24, kNamedBar = 112;

// A part of the picture: its height, and how it is drawn with its top at a row.
struct Block {
  int height;
  std::function<void(Picture &, int top)> draw;
};

std::string shortNumber(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

std::string shapeText(const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t size : shape) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text.empty() ? "one number" : text;
}

struct Range {
  float low = 0, high = 0;
  int64_t numbers = 0, others = 0;  // finite ones, others

  void add(float value) {
    if (!std::isfinite(value)) {
      ++others;
      return;
    }
    low = numbers ? std::min(low, value) : value;
    high = numbers ? std::max(high, value) : value;
    ++numbers;
  }
  Colour colourOf(float value) const {
    if (!std::isfinite(value)) return kNoNumber;
    if (low == high) return kFlat;
    double share = (static_cast<double>(value) - low) / (static_cast<double>(high) - low);
    return report::grey(static_cast<uint8_t>(std::lround(std::clamp(share, 0.0, 1.0) * 255)));
  }
};

Range rangeOf(const std::vector<float> &values) {
  Range range;
  for (float value : values) range.add(value);
  return range;
}

// How a map of this size is shown: each value as a square of `up` pixels, or each square of
// `down` values as one pixel, their mean.
struct Zoom {
  int up = 1, down = 1;

  Zoom(int64_t height, int64_t width, int small, int large) {
    int64_t larger = std::max<int64_t>({height, width, 1});
    up = static_cast<int>(std::clamp<int64_t>(small / larger, 1, small));
    down = static_cast<int>((larger + large - 1) / large);
  }
  int of(int64_t size) const { return static_cast<int>((size + down - 1) / down) * up; }
  std::string text() const {
    if (down > 1) return ", shown at 1/" + std::to_string(down);
    return up > 1 ? ", shown x" + std::to_string(up) : "";
  }
};

// A grid of numbers in other numbers: element (row, column) is at first + row * rowStep + ...
struct Map {
  const float *first;
  int64_t height, width, rowStep, columnStep;

  float at(int64_t row, int64_t column) const {
    return first[row * rowStep + column * columnStep];
  }
  float mean(int64_t row, int64_t column, int size) const {
    double sum = 0;
    int count = 0;
    for (int64_t y = row; y < std::min(row + size, height); ++y)
      for (int64_t x = column; x < std::min(column + size, width); ++x, ++count) sum += at(y, x);
    return static_cast<float>(sum / count);
  }
};

// `colour(row, column)` is that of the values that begin there.
template <typename ColourAt>
void drawGrid(Picture &picture, int left, int top, int64_t height, int64_t width, Zoom zoom,
              ColourAt colour) {
  for (int64_t row = 0; row < height; row += zoom.down)
    for (int64_t column = 0; column < width; column += zoom.down)
      picture.fill(left + static_cast<int>(column / zoom.down) * zoom.up,
                   top + static_cast<int>(row / zoom.down) * zoom.up, zoom.up, zoom.up,
                   colour(row, column));
}

void drawMap(Picture &picture, int left, int top, const Map &map, Zoom zoom) {
  Range range;
  for (int64_t row = 0; row < map.height; ++row)
    for (int64_t column = 0; column < map.width; ++column) range.add(map.at(row, column));
  drawGrid(picture, left, top, map.height, map.width, zoom, [&](int64_t row, int64_t column) {
    return range.colourOf(map.mean(row, column, zoom.down));
  });
}

Block textBlock(std::string text, int scale, Colour colour, int space) {
  return {Picture::textHeight(scale) + space, [=](Picture &picture, int top) {
            picture.text(kMargin, top, text, scale, colour);
          }};
}

Block legendBlock() {
  return {34, [](Picture &picture, int top) {
            for (int level = 0; level < 256; ++level)
              picture.fill(kMargin + level / 2, top, 1, 14, report::grey(static_cast<uint8_t>(level)));
            picture.text(kMargin + 140, top,
                         "each map from its own smallest value to its own largest", kHeading, kInk);
            int left = kMargin + 860;
            picture.fill(left, top, 28, 14, kFlat);
            picture.text(left + 36, top, "one value everywhere", kHeading, kInk);
          }};
}

// "conv2d (conv2d) 30 x 30 x 32, from -0.1 to 2.3".
Block headingBlock(const LayerValue &layer, const std::string &more) {
  Range range = rangeOf(layer.values);
  std::string name = layer.name;
  std::string rest = (layer.kind == layer.name ? "" : "(" + layer.kind + ") ") +
                     shapeText(layer.shape) + ", values from " + shortNumber(range.low) + " to " +
                     shortNumber(range.high) + more;
  if (!layer.from.empty()) rest += ", of " + layer.from;
  if (range.others) rest += ", " + std::to_string(range.others) + " are no numbers (red)";
  return {Picture::textHeight(kHeading) + 8, [=](Picture &picture, int top) {
            picture.fill(kMargin, top - 8, kWidth, 1, kFaint);
            picture.text(kMargin, top, name, kHeading, kAbove);
            picture.text(kMargin + Picture::textWidth(name + " ", kHeading), top, rest, kHeading,
                         kInk);
          }};
}

Block inputBlock(const LayerValue &input) {
  int64_t height = input.shape[0], width = input.shape[1];
  int64_t channels = input.shape.size() == 3 ? input.shape[2] : 1;
  Zoom zoom(height, width, 2 * kTile, 2 * kLargestTile);
  return {zoom.of(height), [=, &input](Picture &picture, int top) {
            auto level = [&](int64_t row, int64_t column, int64_t channel) {
              Map plane{input.values.data() + channel, height, width, width * channels, channels};
              return static_cast<uint8_t>(std::lround(plane.mean(row, column, zoom.down)));
            };
            drawGrid(picture, kMargin + kIndexWidth, top, height, width, zoom,
                     [&](int64_t row, int64_t column) {
                       if (channels == 1) return report::grey(level(row, column, 0));
                       return Colour{level(row, column, 0), level(row, column, 1),
                                     level(row, column, 2)};
                     });
          }};
}

// [..., H, W, C]: a tile for each channel, for each of the leading sizes.
void addTiles(const LayerValue &layer, std::vector<Block> &blocks) {
  size_t rank = layer.shape.size();
  int64_t height = layer.shape[rank - 3], width = layer.shape[rank - 2];
  int64_t channels = layer.shape[rank - 1];
  int64_t tiles = static_cast<int64_t>(layer.values.size()) / std::max<int64_t>(height * width, 1);
  int64_t shown = std::min<int64_t>(tiles, kMostTiles);
  Zoom zoom(height, width, kTile, kLargestTile);
  int tileWidth = zoom.of(width), tileHeight = zoom.of(height);
  int64_t perRow = std::max(1, (kWidth - kIndexWidth + kGap) / (tileWidth + kGap));
  if (perRow >= 8 && perRow < tiles) perRow = perRow / 8 * 8;
  std::string more = zoom.text();
  if (shown < tiles) more += ", the first " + std::to_string(shown) + " of " + std::to_string(tiles);
  blocks.push_back(headingBlock(layer, more));
  for (int64_t first = 0; first < shown; first += perRow)
    blocks.push_back({tileHeight + kGap, [=, &layer](Picture &picture, int top) {
      std::string number = std::to_string(first);
      picture.text(kMargin + kIndexWidth - 4 - Picture::textWidth(number, kSmall),
                   top + (tileHeight - Picture::textHeight(kSmall)) / 2, number, kSmall, kFaint);
      for (int64_t tile = first; tile < std::min(first + perRow, shown); ++tile) {
        int64_t sample = tile / channels, channel = tile % channels;
        Map map{layer.values.data() + sample * height * width * channels + channel, height, width,
                width * channels, channels};
        drawMap(picture,
                kMargin + kIndexWidth + static_cast<int>(tile - first) * (tileWidth + kGap), top, map,
                zoom);
      }
    }});
}

// [time, channels]: one map, time to the right.
void addSequence(const LayerValue &layer, std::vector<Block> &blocks) {
  int64_t time = layer.shape[0], channels = layer.shape[1];
  Zoom zoom(channels, time, 4 * kTile, kWidth - kIndexWidth);
  blocks.push_back(headingBlock(layer, ", time to the right, channels downwards" + zoom.text()));
  blocks.push_back({zoom.of(channels), [=, &layer](Picture &picture, int top) {
    drawMap(picture, kMargin + kIndexWidth, top, {layer.values.data(), channels, time, 1, channels},
            zoom);
  }});
}

void addBars(const LayerValue &layer, const std::vector<std::string> &names,
             std::vector<Block> &blocks) {
  blocks.push_back(headingBlock(layer, ""));
  int count = static_cast<int>(layer.values.size());
  bool named = static_cast<int>(names.size()) == count && count <= kWidth / 48;
  int step = std::min(named ? kNamedBar : kWidestBar, (kWidth - kIndexWidth) / count);
  int words = named ? 2 * (Picture::textHeight(kSmall) + 4) : 0;
  blocks.push_back({kBars + 1 + words, [=, &layer](Picture &picture, int top) {
    Range range = rangeOf(layer.values);
    range.add(0);
    double scale = range.high > range.low ? kBars / (static_cast<double>(range.high) - range.low) : 0;
    int zero = top + static_cast<int>(std::lround(range.high * scale)), left = kMargin + kIndexWidth;
    for (int i = 0; i < count; ++i) {
      float value = layer.values[static_cast<size_t>(i)];
      int at = left + i * step, length = static_cast<int>(std::lround(std::abs(value) * scale));
      if (!std::isfinite(value)) picture.fill(at, top, step - 1, kBars, kNoNumber);
      else if (value >= 0) picture.fill(at, zero - length, step - 1, length, kAbove);
      else picture.fill(at, zero + 1, step - 1, length, kBelow);
      if (!named) continue;
      std::string name = names[static_cast<size_t>(i)].substr(0, static_cast<size_t>(step) / 6);
      picture.text(at, top + kBars + 5, name, kSmall, kInk);
      picture.text(at, top + kBars + 5 + Picture::textHeight(kSmall) + 4, shortNumber(value), kSmall,
                   kFaint);
    }
    picture.fill(left, zero, count * step, 1, kFaint);
  }});
}

// A long vector: its values from left to right in lines, as greys.
void addStrip(const LayerValue &layer, std::vector<Block> &blocks) {
  int64_t count = static_cast<int64_t>(layer.values.size());
  int64_t shown = std::min<int64_t>(count, kMostCells);
  bool many = count > 8192;
  int width = many ? 2 : 4, height = many ? 3 : 14, perRow = 1024 / width, gap = many ? 0 : 2;
  std::string more = ", one range for all";
  if (shown < count) more += ", the first " + std::to_string(shown);
  blocks.push_back(headingBlock(layer, more));
  int rows = static_cast<int>((shown + perRow - 1) / perRow);
  blocks.push_back({rows * (height + gap), [=, &layer](Picture &picture, int top) {
    Range range = rangeOf(layer.values);
    for (int64_t i = 0; i < shown; ++i)
      picture.fill(kMargin + kIndexWidth + static_cast<int>(i % perRow) * width,
                   top + static_cast<int>(i / perRow) * (height + gap), width, height,
                   range.colourOf(layer.values[static_cast<size_t>(i)]));
  }});
}

void addLayer(const LayerValue &layer, const std::vector<std::string> &names,
              std::vector<Block> &blocks) {
  if (layer.values.empty()) return;
  size_t rank = layer.shape.size();
  // Maps of one pixel are a vector.
  bool maps = rank >= 3 && layer.shape[rank - 3] * layer.shape[rank - 2] > 1;
  if (maps) addTiles(layer, blocks);
  else if (rank == 2) addSequence(layer, blocks);
  else if (layer.values.size() <= kMostBars) addBars(layer, names, blocks);
  else addStrip(layer, blocks);
  blocks.push_back({22, [](Picture &, int) {}});
}

}  // namespace

Picture featurePicture(const std::string &title, const LayerValue &input,
                       const std::vector<LayerValue> &layers,
                       const std::vector<std::string> &classNames) {
  std::vector<Block> blocks{textBlock(title, kHeading + 1, kInk, 14), legendBlock(),
                            headingBlock(input, Zoom(input.shape[0], input.shape[1], 2 * kTile,
                                                     2 * kLargestTile).text()),
                            inputBlock(input), {22, [](Picture &, int) {}}};
  for (const LayerValue &layer : layers)
    addLayer(layer, &layer == &layers.back() ? classNames : std::vector<std::string>(), blocks);
  int height = 2 * kMargin;
  for (const Block &block : blocks) height += block.height;
  Picture picture(kWidth + 2 * kMargin, height, kPaper);
  int top = kMargin;
  for (const Block &block : blocks) {
    block.draw(picture, top);
    top += block.height;
  }
  return picture;
}

}  // namespace nncc::cli
