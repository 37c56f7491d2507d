#include "prepare/Columns.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include "data/CsvColumns.h"

namespace nncc::prepare {

namespace {

constexpr int64_t mostColumns = 512;   // for what follows from what
constexpr double mostWork = 4e9;       // multiplications of it
constexpr double dependent = 1e-6;     // share of variance that is left of a column that follows from others
constexpr double nearlyEqual = 0.995;  // correlation
constexpr size_t bins = 20, shownSources = 4;

// One name's numbers in each sample: elements first, first + step, ... of a column.
struct Numbers {
  std::string name;
  const Column *column;
  int64_t first, step;
  bool isLastOfOneHot = false;  // follows from the other places of its column, by nature
};

bool isSequence(const Samples &samples, const Column &column) {
  std::string_view kind = samples.program().data.train.kind;
  if (column.tensor.rank > 2) return false;
  return column.tensor.rank == 2 || samples.lengths >= 0 || kind == "series" || kind == "ts" ||
         kind == "sequence_csv";
}

std::vector<Numbers> numbersOf(const Samples &samples, const Column &column, bool isInput) {
  std::vector<Numbers> all;
  int64_t elements = column.elements();
  if (isInput && isSequence(samples, column)) {
    int64_t features = column.tensor.rank == 2 ? column.tensor.shape[1] : 1;
    for (int64_t i = 0; i < features; ++i) all.push_back({"feature " + std::to_string(i), &column, i, features});
    return all;
  }
  std::string_view kind = samples.program().data.train.kind;
  const std::string &text = samples.parts[0].samples.preprocessing();
  if (kind == "csv" && !text.empty()) {
    data::CsvColumns csv = data::CsvColumns::parse(text);
    int64_t element = 0;
    if (!isInput)
      for (const data::CsvColumn &target : csv.targets) all.push_back({target.name, &column, element++, elements});
    for (const data::CsvFeature &feature : csv.features) {
      if (!isInput) break;
      if (feature.coding != data::CsvFeature::Coding::OneHot)
        all.push_back({feature.name, &column, element++, elements});
      else
        for (const std::string &category : feature.categories)
          all.push_back(
              {feature.name + "=" + category, &column, element++, elements, &category == &feature.categories.back()});
    }
    if (element == elements) return all;
    all.clear();
  }
  // A grid of numbers, such as a clip of temperatures, has no columns.
  if (column.tensor.rank > 2 || elements > mostColumns) return {{column.tensor.name, &column, 0, 1}};
  for (int64_t i = 0; i < elements; ++i)
    all.push_back(
        {std::string(column.tensor.name) + (elements > 1 ? " " + std::to_string(i) : ""), &column, i, elements});
  return all;
}

// Every value of the training part with its sample.
template <typename Use>
void forEach(const Samples &samples, const Numbers &numbers, const Use &use) {
  const Column &column = *numbers.column;
  int64_t elements = column.elements();
  for (int64_t i = 0; i < samples.parts[0].samples.size(); ++i) {
    SampleId id{0, i};
    const std::byte *sample = samples.bytes(id, column);
    // Of a sequence the steps that are data.
    bool isShort = samples.lengths >= 0 && &column == &samples.inputs[0];
    int64_t end = isShort ? elements / column.tensor.shape[0] * samples.length(id) : elements;
    for (int64_t e = numbers.first; e < end; e += numbers.step) use(id, valueOf(column.tensor, sample, e));
  }
}

ColumnFacts factsOf(const Samples &samples, const Numbers &numbers) {
  ColumnFacts facts;
  facts.name = numbers.name;
  std::vector<double> values;
  forEach(samples, numbers, [&](SampleId, double value) {
    if (std::isfinite(value))
      values.push_back(value);
    else
      ++facts.notFinite;
  });
  facts.count = static_cast<int64_t>(values.size());
  if (values.empty()) return facts;
  facts.mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double squares = 0;
  for (double value : values) squares += (value - facts.mean) * (value - facts.mean);
  facts.deviation = std::sqrt(squares / static_cast<double>(values.size()));
  auto [least, most] = std::ranges::minmax(values);
  facts.least = least;
  facts.most = most;
  facts.histogram.assign(facts.isConstant() ? 1 : bins, 0);
  for (double value : values) {
    double share = facts.isConstant() ? 0 : (value - least) / (most - least);
    ++facts.histogram[std::min(facts.histogram.size() - 1, static_cast<size_t>(share * static_cast<double>(bins)))];
  }
  auto quantile = [&](size_t place) {
    std::ranges::nth_element(values, values.begin() + static_cast<int64_t>(place));
    return values[place];
  };
  double low = quantile(values.size() / 4), high = quantile(values.size() * 3 / 4), reach = 3 * (high - low);
  if (reach == 0) return facts;
  double farthest = 0;
  forEach(samples, numbers, [&](SampleId id, double value) {
    if (!std::isfinite(value)) return;
    double beyond = std::max(low - reach - value, value - high - reach);
    if (beyond <= 0) return;
    ++facts.outliers;
    if (beyond <= farthest) return;
    farthest = beyond;
    facts.farthest = id;
    facts.farthestValue = value;
  });
  if (facts.outliers * 20 > facts.count) facts.outliers = 0;
  return facts;
}

// Correlations of columns, and what is left of one when those before it are known.
class Correlations {
 public:
  Correlations(const Samples &samples, const std::vector<Numbers> &numbers, const std::vector<ColumnFacts> &facts,
               int64_t stride)
      : size(numbers.size()), matrix(size * size) {
    std::vector<double> row(size);
    int64_t count = 0;
    for (int64_t i = 0; i < samples.parts[0].samples.size(); i += stride) {
      bool finite = true;
      for (size_t j = 0; j < size; ++j) {
        double value =
            valueOf(numbers[j].column->tensor, samples.bytes({0, i}, *numbers[j].column), numbers[j].first);
        row[j] = (value - facts[j].mean) / facts[j].deviation;
        finite &= std::isfinite(row[j]);
      }
      if (!finite) continue;
      ++count;
      for (size_t a = 0; a < size; ++a)
        for (size_t b = 0; b <= a; ++b) matrix[a * size + b] += row[a] * row[b];
    }
    if (count == 0) return;
    // Of the rows that were looked at, whose deviations may be others than those of all.
    std::vector<double> roots(size);
    for (size_t a = 0; a < size; ++a) roots[a] = std::sqrt(matrix[a * size + a]);
    for (size_t a = 0; a < size; ++a)
      for (size_t b = 0; b <= a; ++b) {
        double scale = roots[a] * roots[b];
        matrix[b * size + a] = matrix[a * size + b] = scale > 0 ? matrix[a * size + b] / scale : 0;
      }
  }
  double of(size_t a, size_t b) const { return matrix[a * size + b]; }

  const size_t size;

 private:
  std::vector<double> matrix;
};

// Cholesky's decomposition, column by column: one of which nothing is left follows from those that were kept.
std::vector<Dependence> dependencesOf(const Correlations &correlations, const std::vector<Numbers> &numbers) {
  std::vector<Dependence> found;
  std::vector<size_t> kept;
  std::vector<std::vector<double>> factors;  // rows of the kept ones
  for (size_t j = 0; j < correlations.size; ++j) {
    if (numbers[j].isLastOfOneHot) continue;
    std::vector<double> row;
    double rest = 1;
    for (size_t k = 0; k < kept.size(); ++k) {
      double sum = correlations.of(j, kept[k]);
      for (size_t m = 0; m < k; ++m) sum -= row[m] * factors[k][m];
      row.push_back(sum / factors[k][k]);
      rest -= row[k] * row[k];
    }
    if (rest > dependent) {
      row.push_back(std::sqrt(rest));
      factors.push_back(row);
      kept.push_back(j);
      continue;
    }
    // The multiples, from the last to the first.
    std::vector<double> multiples(kept.size());
    for (size_t k = kept.size(); k-- > 0;) {
      double sum = row[k];
      for (size_t m = k + 1; m < kept.size(); ++m) sum -= factors[m][k] * multiples[m];
      multiples[k] = sum / factors[k][k];
    }
    std::vector<size_t> order;
    for (size_t k = 0; k < kept.size(); ++k)
      if (std::abs(multiples[k]) > 1e-3) order.push_back(k);
    std::ranges::stable_sort(order, std::greater(), [&](size_t k) { return std::abs(multiples[k]); });
    Dependence dependence{
        numbers[j].name, {}, order.size() - std::min(order.size(), shownSources), std::max(rest, 0.0)};
    for (size_t k = 0; k < std::min(order.size(), shownSources); ++k)
      dependence.from.push_back(numbers[kept[order[k]]].name);
    found.push_back(std::move(dependence));
  }
  // Two that are nearly one, where neither follows from others altogether.
  for (size_t a = 0; a < kept.size(); ++a)
    for (size_t b = 0; b < a; ++b)
      if (double r = correlations.of(kept[a], kept[b]); std::abs(r) >= nearlyEqual)
        found.push_back({numbers[kept[a]].name, {numbers[kept[b]].name}, 0, 1 - r * r});
  return found;
}

}  // namespace

Columns columnFacts(const Samples &samples) {
  Columns columns;
  if (samples.parts.empty() || samples.parts[0].number != train::DataParts::Train) return columns;
  std::vector<Numbers> features, targets;
  bool areRows = samples.inputs.size() == 1;
  for (const Column &input : samples.inputs) {
    if (input.isImage()) continue;
    areRows &= input.tensor.rank == 1 && input.elements() <= mostColumns && !isSequence(samples, input);
    for (Numbers &numbers : numbersOf(samples, input, true)) features.push_back(std::move(numbers));
  }
  if (samples.parts[0].classes.empty())
    for (const Column &target : samples.targets)
      for (Numbers &numbers : numbersOf(samples, target, false)) targets.push_back(std::move(numbers));
  for (const Numbers &numbers : features) columns.inputs.push_back(factsOf(samples, numbers));
  for (const Numbers &numbers : targets) columns.targets.push_back(factsOf(samples, numbers));
  for (const Column &input : samples.inputs)
    if (!input.isImage() && input.tensor.rank == 1 && input.elements() > mostColumns)
      columns.note = "columns were not looked at one by one: there are more than " + std::to_string(mostColumns);
  if (!areRows || features.empty()) return columns;

  std::vector<Numbers> varying;
  std::vector<ColumnFacts> facts;
  auto take = [&](const std::vector<Numbers> &from, const std::vector<ColumnFacts> &its) {
    for (size_t i = 0; i < from.size(); ++i) {
      if (its[i].isConstant() || its[i].count == 0) continue;
      varying.push_back(from[i]);
      facts.push_back(its[i]);
    }
    return varying.size();
  };
  size_t numFeatures = take(features, columns.inputs);
  double work =
      static_cast<double>(samples.parts[0].samples.size()) * static_cast<double>(numFeatures * numFeatures) / 2;
  int64_t stride = std::max<int64_t>(1, static_cast<int64_t>(std::ceil(work / mostWork)));
  if (stride > 1) columns.note = "which columns follow from others was found on one row of " + std::to_string(stride);
  columns.dependences = dependencesOf(Correlations(samples, varying, facts, stride), varying);
  size_t all = take(targets, columns.targets);
  if (all == numFeatures) return columns;
  Correlations withTargets(samples, varying, facts, stride);
  for (size_t target = numFeatures; target < all; ++target)
    for (size_t j = 0; j < numFeatures; ++j)
      if (double r = withTargets.of(target, j); r * r > 1 - 1e-4)
        columns.tellTargets.emplace_back(varying[j].name, r);
  return columns;
}

}  // namespace nncc::prepare
