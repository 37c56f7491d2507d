#include "prepare/Show.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>

#include "data/Augmentation.h"
#include "data/Batches.h"
#include "data/CsvColumns.h"
#include "data/Pairs.h"
#include "error.h"
#include "prepare/Tiles.h"
#include "report/Table.h"
#include "report/Text.h"
#include "train/Program.h"

namespace nncc::prepare {

using report::Colour;
using report::Picture;
using train::DataParts;

namespace {

constexpr int tileSide = 96, gap = 6, textScale = 2, tilesInRow = 8, variations = 7;
constexpr Colour paper = report::grey(255), ink = report::grey(30);
constexpr int64_t shownNumbers = 16;  // of a table's row

DataParts::Part partOf(const std::string &name) {
  return name == "train" ? DataParts::Train : name == "validation" ? DataParts::Validation : DataParts::Test;
}

// Pictures in rows, each with a text below.
class Grid {
 public:
  void beginRow() { rows.emplace_back(); }
  void add(Picture picture, std::string text) { rows.back().push_back({std::move(picture), std::move(text)}); }

  Picture picture() const {
    int width = gap, height = gap;
    for (const auto &row : rows) {
      int rowWidth = gap;
      for (const Cell &cell : row) rowWidth += widthOf(cell) + gap;
      width = std::max(width, rowWidth);
      height += heightOf(row) + gap;
    }
    Picture picture(width, height, paper);
    int top = gap;
    for (const auto &row : rows) {
      int left = gap;
      for (const Cell &cell : row) {
        picture.draw(left, top, cell.picture);
        std::string text = cell.text;
        size_t room = static_cast<size_t>(widthOf(cell) / Picture::textWidth("x", 1));
        int scale = Picture::textWidth(text, textScale) <= widthOf(cell) ? textScale : 1;
        if (text.size() > room) text.resize(room);
        picture.text(left, top + cell.picture.height() + 3, text, scale, ink);
        left += widthOf(cell) + gap;
      }
      top += heightOf(row) + gap;
    }
    return picture;
  }

 private:
  struct Cell {
    Picture picture;
    std::string text;
  };
  static int widthOf(const Cell &cell) { return std::max(cell.picture.width(), tileSide); }
  static int heightOf(const std::vector<Cell> &row) {
    int most = 0;
    for (const Cell &cell : row) most = std::max(most, cell.picture.height());
    return most + Picture::textHeight(textScale) + 6;
  }
  std::vector<std::vector<Cell>> rows;
};

class Viewer {
 public:
  Viewer(const Source &source, const ShowOptions &options, const NnccEntry &entry)
      : source(source),
        options(options),
        entry(entry),
        parts(source.program, entry, source.dataDir),
        columns(train::inputs(entry)),
        firstTarget(train::firstTarget(source.program, entry)),
        augmentation(options.augmented ? source.program.data.augment : NnccComponent{}, columns, firstTarget,
                     data::pairingOf(source.program.data.train).has_value()) {}

  void run() {
    DataParts::Part part = partOf(options.part);
    if (!parts.has(part)) throw UserError("the model's `data` section has no part '" + options.part + "'");
    if (options.augmented && part != DataParts::Train)
      throw UserError("only training samples are augmented; leave --augmented or --part " + options.part + " out");
    if (options.augmented && augmentation.empty())
      throw UserError(
          "the model has no `augment` beside its training data's reader, so that there is nothing to show");
    parts.open(part, source.threads, progress);
    std::optional<data::Dataset> drawn = part == DataParts::Train ? parts.drawn(options.seed, 0) : std::nullopt;
    const data::Dataset &samples = drawn ? *drawn : parts[part];
    bool hasPicture = false;
    for (size_t i = 0; i < firstTarget; ++i) hasPicture |= hasTile(columns[i]);
    std::vector<uint32_t> order = chosen(samples);
    if (!hasPicture) return printRows(samples, order);
    Grid grid = options.augmented ? variedGrid(samples, order) : plainGrid(samples, order);
    std::filesystem::path out = options.out;
    if (out.empty())
      out = std::string(source.program.name) + "-" + options.part + (options.augmented ? "-augmented" : "") + ".png";
    grid.picture().writePng(out);
    progress.line(
        out.string() + ": " + std::to_string(order.size()) + " of " + report::count(samples.size()) + " samples of " +
        options.part +
        (options.augmented ? ", each as it is and in its first " + std::to_string(variations) + " epochs" : ""));
  }

 private:
  // The first ones of an epoch; with classes as many of each as there is room for.
  std::vector<uint32_t> chosen(const data::Dataset &samples) const {
    std::vector<uint32_t> order(samples.size());
    data::shuffledOrder(options.seed, 0, order);
    size_t count = std::min<size_t>(options.count, order.size());
    if (!hasClasses(samples)) return {order.begin(), order.begin() + count};
    std::map<std::string, std::vector<uint32_t>> byClass;
    for (uint32_t i : order) byClass[className(samples, i)].push_back(i);
    std::vector<uint32_t> all;
    for (size_t place = 0; all.size() < count; ++place)
      for (const auto &[name, members] : byClass)
        if (place < members.size() && all.size() < count) all.push_back(members[place]);
    std::ranges::stable_sort(all, {}, [&](uint32_t i) { return className(samples, i); });
    return all;
  }

  // Pairs have no names of classes: what they answer is shown as a number.
  bool hasClasses(const data::Dataset &samples) const {
    return firstTarget < columns.size() && (!samples.classNames().empty() || columns[firstTarget].type == NNCC_I32);
  }
  std::string className(const data::Dataset &samples, int64_t i) const {
    const NnccTensor &target = columns[firstTarget];
    return nameOf(samples, target, samples.sample(static_cast<int>(firstTarget), i));
  }
  // Of a target as the loss gets it: the class, or shares of classes after mixup, or numbers.
  std::string nameOf(const data::Dataset &samples, const NnccTensor &target, const std::byte *value) const {
    const std::vector<std::string> &names = samples.classNames();
    int64_t elements = data::sampleBytes(target) / data::elementBytes(target.type);
    if (names.empty() || elements != static_cast<int64_t>(names.size())) {
      double first = valueOf(target, value, 0);
      size_t label = static_cast<size_t>(std::max(0.0, first));
      bool isClass = label < names.size() && first == static_cast<double>(label);
      std::string text = isClass ? names[label] : shortNumber(first);
      for (int64_t i = 1; i < std::min<int64_t>(elements, 4); ++i)
        text += " " + shortNumber(valueOf(target, value, i));
      return text;
    }
    std::string text;
    for (int64_t i = 0; i < elements; ++i) {
      double share = valueOf(target, value, i);
      if (share == 0) continue;
      text += (text.empty() ? "" : "+") + names[i] + (share == 1 ? "" : " " + report::fixed(100 * share, 0) + "%");
    }
    return text;
  }
  static std::string shortNumber(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return text;
  }

  // All inputs that have a picture, side by side.
  Picture tile(std::span<const void *const> sample) const {
    std::vector<Picture> pictures;
    int width = -gap / 2, height = 0;
    for (size_t i = 0; i < firstTarget; ++i) {
      if (!hasTile(columns[i])) continue;
      int32_t steps = columns[i].rank > 0 ? static_cast<int32_t>(columns[i].shape[0]) : 1;
      if (i + 1 < columns.size() && data::isLengths(columns[i + 1])) std::memcpy(&steps, sample[i + 1], sizeof steps);
      pictures.push_back(tileOf(columns[i], static_cast<const std::byte *>(sample[i]), steps, tileSide));
      width += pictures.back().width() + gap / 2;
      height = std::max(height, pictures.back().height());
    }
    Picture all(width, height, paper);
    int left = 0;
    for (const Picture &picture : pictures) {
      all.draw(left, 0, picture);
      left += picture.width() + gap / 2;
    }
    return all;
  }
  std::vector<const void *> sampleOf(const data::Dataset &samples, int64_t i) const {
    std::vector<const void *> sample;
    for (int column = 0; column < samples.columns(); ++column) sample.push_back(samples.sample(column, i));
    return sample;
  }
  std::string caption(const data::Dataset &samples, std::span<const void *const> sample) const {
    if (firstTarget >= columns.size()) return {};
    return nameOf(samples, columns[firstTarget], static_cast<const std::byte *>(sample[firstTarget]));
  }

  Grid plainGrid(const data::Dataset &samples, std::span<const uint32_t> order) const {
    Grid grid;
    int perRow = tilesInRow;  // fewer where tiles are wide, as those of clips are
    for (size_t n = 0; n < order.size(); ++n) {
      auto sample = sampleOf(samples, order[n]);
      Picture picture = tile(sample);
      if (n == 0) perRow = std::max(1, tilesInRow * tileSide / std::max(picture.width(), tileSide));
      if (n % perRow == 0) grid.beginRow();
      grid.add(std::move(picture), caption(samples, sample));
    }
    return grid;
  }

  Grid variedGrid(const data::Dataset &samples, std::span<const uint32_t> order) const {
    Grid grid;
    auto vary = augmentation.transform(samples, options.seed);
    for (uint32_t i : order) {
      grid.beginRow();
      auto plain = sampleOf(samples, i);
      grid.add(tile(plain), caption(samples, plain));
      for (int epoch = 0; epoch < variations; ++epoch) {
        std::vector<std::vector<std::byte>> values;
        std::vector<void *> pointers;
        for (size_t column = 0; column < columns.size(); ++column) {
          auto *from = static_cast<const std::byte *>(plain[column]);
          values.emplace_back(from, from + samples.sampleBytes(static_cast<int>(column)));
          pointers.push_back(values.back().data());
        }
        vary(epoch, i, pointers);
        std::vector<const void *> varied(pointers.begin(), pointers.end());
        grid.add(tile(varied), caption(samples, varied));
      }
    }
    return grid;
  }

  void printRows(const data::Dataset &samples, std::span<const uint32_t> order) {
    std::vector<std::string> names;
    bool isCsv = std::string_view(source.program.data.train.kind) == "csv";
    if (isCsv && !samples.preprocessing().empty()) {
      for (const data::CsvFeature &feature : data::CsvColumns::parse(samples.preprocessing()).features)
        if (feature.coding == data::CsvFeature::Coding::OneHot)
          for (const std::string &category : feature.categories) names.push_back(feature.name + "=" + category);
        else
          names.push_back(feature.name);
    }
    int64_t elements = data::sampleBytes(columns[0]) / data::elementBytes(columns[0].type);
    int64_t shown = std::min(elements, shownNumbers);
    std::vector<report::Table::Column> header = {{"target"}};
    for (int64_t i = 0; i < shown; ++i)
      header.push_back({i < std::ssize(names) ? names[i] : std::to_string(i), report::Table::Align::Right});
    report::Table table(header);
    for (uint32_t i : order) {
      auto sample = sampleOf(samples, i);
      std::vector<std::string> row = {caption(samples, sample)};
      for (int64_t e = 0; e < shown; ++e) row.push_back(shortNumber(valueOf(columns[0], samples.sample(0, i), e)));
      table.row(std::move(row));
    }
    std::string text = table.text();
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (elements > shown)
      progress.line("(the first " + std::to_string(shown) + " of " + std::to_string(elements) + " numbers)");
  }

  const Source &source;
  const ShowOptions &options;
  const NnccEntry &entry;
  DataParts parts;
  std::span<const NnccTensor> columns;
  size_t firstTarget;
  data::Augmentation augmentation;
  report::Progress progress;
};

}  // namespace

void show(const Source &source, const ShowOptions &options) {
  Viewer(source, options, requireData(source.program)).run();
}

}  // namespace nncc::prepare
