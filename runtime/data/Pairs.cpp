#include "data/Pairs.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "data/Labels.h"
#include "data/Random.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

namespace {

// Of the numbers for pairs that are always the same, behind those of all epochs.
constexpr uint64_t kFixed = uint64_t{1} << 55;

bool sameShape(const NnccTensor &a, const NnccTensor &b) {
  return a.type == b.type && std::ranges::equal(std::span(a.shape, static_cast<size_t>(a.rank)),
                                                std::span(b.shape, static_cast<size_t>(b.rank)));
}

Dataset answersFor(const NnccTensor &target) {
  Dataset answers("pairs", {&target, 1}, 2);
  LabelWriter writer(target, 2, "pairs");
  for (int64_t same : {0, 1}) writer.write(answers.sample(0, same), same);
  return answers;
}

// Classes are those of the samples here, not of the model.
ReadContext contextInside(const ReadContext &context) {
  ReadContext inside = context;
  inside.classes = 0;
  return inside;
}

PartedDataset open(const ReaderInput &input, std::span<const NnccTensor> columns, int threads,
                   const ReadProgress &progress) {
  SampleReader inner(input.reader);
  std::vector<NnccTensor> one = columnsOfOne(columns);
  return openParts(inner, input.dataDir, one, threads, progress, contextInside(input.context));
}

std::vector<int64_t> count(const ReaderInput &input) {
  SampleReader inner(input.reader);
  return countParts(inner, input.dataDir, contextInside(input.context));
}

}  // namespace

std::optional<Pairing> pairingOf(const NnccComponent &reader) {
  if (!reader.kind || std::string_view(reader.kind) != pairsReader.kind) return std::nullopt;
  Pairing pairing;
  for (int32_t i = 0; i < reader.num_options; ++i) {
    std::string_view key = reader.options[i].key;
    if (key == "count") pairing.count = static_cast<int64_t>(reader.options[i].number);
    if (key == "evaluation_count") pairing.evaluationCount = static_cast<int64_t>(reader.options[i].number);
  }
  return pairing;
}

SampleReader::SampleReader(const NnccComponent &reader) : component(reader) {
  if (!pairingOf(reader)) return;
  constexpr std::string_view prefix = "of.";
  component.kind = nullptr;
  for (int32_t i = 0; i < reader.num_options; ++i) {
    NnccOption option = reader.options[i];
    std::string_view key = option.key;
    if (key == "of") component.kind = option.text;
    if (!key.starts_with(prefix)) continue;
    option.key += prefix.size();
    options.push_back(option);
  }
  component.options = options.data();
  component.num_options = static_cast<int32_t>(options.size());
}

std::vector<NnccTensor> columnsOfOne(std::span<const NnccTensor> columns) {
  static const NnccTensor label = {"labels", NNCC_I32, 0, nullptr};
  bool lengths = columns.size() > 1 && isLengths(columns[1]);
  size_t one = lengths ? 2 : 1;
  if (columns.size() != 2 * one + 1 || !sameShape(columns[0], columns[one]) ||
      (lengths && !isLengths(columns[one + 1])))
    throw UserError("pairs give two inputs of equal shape and a target, but the model has others; write "
                    "inputs: {left: {shape: ...}, right: {shape: ...}} and one output with a loss");
  std::vector<NnccTensor> result(columns.begin(), columns.begin() + static_cast<ptrdiff_t>(one));
  result.push_back(label);
  return result;
}

Pairs::Pairs(Dataset given, std::span<const NnccTensor> columns, int64_t pairs)
    : pool(std::move(given)), count(pairs ? pairs : pool.size()), answers(answersFor(columns.back())) {
  int column = pool.labelColumn();
  sorted.resize(pool.size());
  std::iota(sorted.begin(), sorted.end(), 0u);
  auto label = [&](uint32_t sample) { return pool.integer(column, sample); };
  std::ranges::stable_sort(sorted, {}, label);
  ranges.resize(pool.size());
  for (uint32_t begin = 0, end; begin < sorted.size(); begin = end) {
    int32_t number = label(sorted[begin]);
    for (end = begin; end < sorted.size() && label(sorted[end]) == number; ++end)
      ;
    size_t named = static_cast<size_t>(number);
    std::string name = named < pool.classNames().size() ? pool.classNames()[named] : std::to_string(number);
    if (end - begin == 1)
      throw UserError(pool.place(sorted[begin]) + ": class '" + name + "' has one sample, but a pair of the same class "
                      "takes two; add samples, or leave the class out");
    if (end - begin == sorted.size())
      throw UserError(pool.source() + ": all samples are of class '" + name + "', but every second pair takes two classes");
    for (uint32_t i = begin; i < end; ++i) ranges[sorted[i]] = {begin, end};
  }
}

Dataset Pairs::pick(uint64_t seed, uint64_t stream) const {
  Random random(seed, Purpose::Pairs, stream);
  uint32_t samples = static_cast<uint32_t>(sorted.size());
  std::vector<uint32_t> order(samples), left(count), right(count), same(count);
  // Numbers of the stream: 2 i for the partner of pair i, the odd ones for the orders.
  for (int64_t i = 0; i < count; ++i) {
    uint32_t place = static_cast<uint32_t>(i % samples);
    if (place == 0) {
      std::iota(order.begin(), order.end(), 0u);
      for (uint32_t j = samples; j-- > 1;)
        std::swap(order[j], order[random.below(2 * (static_cast<uint64_t>(i) + j) + 1, j + 1)]);
    }
    left[i] = order[place];
    auto [begin, end] = ranges[left[i]];
    same[i] = i % 2 == 0;
    uint32_t size = end - begin;
    uint64_t number = random.below(2 * static_cast<uint64_t>(i), same[i] ? size - 1 : samples - size);
    if (same[i]) {
      // Any of the class but the sample itself.
      uint32_t own = static_cast<uint32_t>(std::lower_bound(sorted.begin() + begin, sorted.begin() + end, left[i]) -
                                           sorted.begin());
      uint32_t other = begin + static_cast<uint32_t>(number);
      right[i] = sorted[other < own ? other : other + 1];
    } else {
      uint32_t other = static_cast<uint32_t>(number);
      right[i] = sorted[other < begin ? other : other + size];
    }
  }
  std::vector<Dataset::Picked> columns;
  for (const std::vector<uint32_t> *side : {&left, &right})
    for (int c = 0; c + 1 < pool.columns(); ++c) columns.push_back({&pool, c, *side});
  columns.push_back({&answers, 0, std::move(same)});
  Dataset pairs = Dataset::joined(pool.source(), std::move(columns));
  pairs.setClassNames({"different", "same"});
  return pairs;
}

Dataset Pairs::drawn(uint64_t seed, int64_t epoch) const { return pick(seed, static_cast<uint64_t>(epoch)); }

Dataset Pairs::fixed() const { return pick(0, kFixed); }

const ReaderEntry pairsReader = {"pairs", open, count, false, nullptr, true};

}  // namespace nncc::data
