#include "data/TargetColumns.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "data/CsvColumns.h"
#include "data/Labels.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

TargetColumns::TargetColumns(std::span<const NnccTensor> tensors, std::span<const std::string> header, std::string file)
    : tensors(tensors), header(header), fileName(std::move(file)) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (isPresence(tensors[i])) continue;
    targets.push_back(targetOf(tensors[i], i + 1 < tensors.size() && isPresence(tensors[i + 1])));
  }
  auto isClass = [](const Target &target) { return target.isClass(); };
  if (std::ranges::count_if(targets, isClass) > 1)
    throw UserError(fileName + ": the model has several targets that are classes, but a table has those of one; give "
                    "outputs of single units the loss binary_crossentropy, whose targets are numbers");
}

TargetColumns::Target TargetColumns::targetOf(const NnccTensor &tensor, bool optional) const {
  Target target{&tensor, optional, {}};
  const std::string name = tensor.name;
  const auto wanted = static_cast<size_t>(data::sampleBytes(tensor) / elementBytes(tensor.type));
  for (size_t column = 0; column < header.size(); ++column)
    if (wanted == 1 && header[column] == name) target.columns = {column};
  if (!target.columns.empty()) return target;
  for (size_t column = 0; column < header.size(); ++column)
    if (header[column].starts_with(name + ".")) target.columns.push_back(column);
  if (target.columns.size() == wanted) return target;
  std::string known;
  for (const std::string &each : header) known += (known.empty() ? "" : ", ") + each;
  throw UserError(fileName + ": the model's target '" + name + "' is " +
                  (target.isClass() ? "a class" : shapeText(tensor)) + ", but " +
                  std::to_string(target.columns.size()) +
                  (target.columns.size() == 1 ? " column is" : " columns are") + " called '" + name +
                  ".' and on; expected " + (wanted == 1 ? "a column '" + name + "'" : std::to_string(wanted)) +
                  "; there are: " + known);
}

bool TargetColumns::isEmpty(const Target &target, const CsvFile &file) const {
  size_t empty = 0, first = 0;
  for (size_t column : target.columns)
    if (file.cell(column).empty() && ++empty == 1) first = column;
  if (empty == 0) return false;
  std::string error = file.place() + ": column '" + header[first] + "' is empty; expected ";
  std::string what = target.isClass() ? "the class of the sample" : "a number";
  if (!target.optional)
    throw UserError(error + what + ", or '" + target.tensor->name +
                    "' among missing_targets in the model's `train` section");
  if (empty < target.columns.size())
    throw UserError(error + "all of the " + std::to_string(target.columns.size()) + " columns of '" +
                    target.tensor->name + "' to be filled, or none");
  return true;
}

void TargetColumns::add(const CsvFile &file) {
  for (Target &target : targets) {
    bool present = !isEmpty(target, file);
    target.present.push_back(present);
    if (target.isClass()) {
      target.texts.emplace_back(present ? file.cell(target.columns[0]) : std::string_view());
      continue;
    }
    for (size_t column : target.columns) {
      double value = 0;
      if (present && (!parseNumber(file.cell(column), value) || std::abs(value) > std::numeric_limits<float>::max()))
        throw UserError(file.place() + ": column '" + header[column] + "' is " + inQuotes(file.cell(column)) +
                        "; expected a number for the model's target '" + target.tensor->name + "'");
      target.numbers.push_back(value);
    }
  }
}

void TargetColumns::finish() {
  for (Target &target : targets) {
    if (std::ranges::find(target.present, 1) == target.present.end())
      throw UserError(fileName + ": no row has the model's target '" + target.tensor->name + "'; fill its column" +
                      (target.columns.size() == 1 ? "" : "s") + ", or leave the output out of the model's losses");
    if (!target.isClass()) continue;
    for (size_t i = 0; i < target.texts.size(); ++i)
      if (target.present[i]) classNames.push_back(target.texts[i]);
    std::ranges::sort(classNames);
    classNames.erase(std::unique(classNames.begin(), classNames.end()), classNames.end());
    sortCategories(classNames);
    for (size_t i = 0; i < target.texts.size(); ++i) {
      auto found = std::ranges::find(classNames, target.texts[i]);
      target.numbers.push_back(target.present[i] ? static_cast<double>(found - classNames.begin()) : 0);
    }
    target.texts.clear();
  }
}

void TargetColumns::write(Dataset &dataset, int first, int64_t index, int64_t sample) const {
  int column = first;
  for (const Target &target : targets) {
    std::byte *to = dataset.sample(column++, index);
    const auto count = static_cast<int64_t>(target.columns.size());
    for (int64_t i = 0; i < count; ++i) {
      double value = target.numbers[static_cast<size_t>(sample * count + i)];
      if (target.isClass()) {
        auto label = static_cast<int32_t>(value);
        std::memcpy(to, &label, sizeof label);
      } else {
        writeNumber(target.tensor->type, to, value);
        to += elementBytes(target.tensor->type);
      }
    }
    if (!target.optional) continue;
    const NnccTensor &presence = tensors[static_cast<size_t>(column - first)];
    writeNumber(presence.type, dataset.sample(column++, index), target.present[static_cast<size_t>(sample)]);
  }
}

}  // namespace nncc::data
