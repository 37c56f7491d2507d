#include "data/NumberArray.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "data/LabelTable.h"
#include "data/Selection.h"
#include "error.h"

namespace nncc::data {

namespace {

constexpr struct {
  const char *name;
  int bytes;
} types[] = {{"u8", 1},  {"i8", 1},  {"u16", 2}, {"i16", 2}, {"u32", 4},
             {"i32", 4}, {"i64", 8}, {"f32", 4}, {"f64", 8}};

constexpr int64_t mostElements = int64_t{1} << 40;

template <typename T>
T load(const std::byte *from, bool bigEndian) {
  std::byte bytes[sizeof(T)];
  std::memcpy(bytes, from, sizeof(T));
  if (bigEndian) std::reverse(bytes, bytes + sizeof(T));
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

double numberAt(const std::byte *at, NumberType type, bool bigEndian) {
  switch (type) {
    case NumberType::U8: return load<uint8_t>(at, bigEndian);
    case NumberType::I8: return load<int8_t>(at, bigEndian);
    case NumberType::U16: return load<uint16_t>(at, bigEndian);
    case NumberType::I16: return load<int16_t>(at, bigEndian);
    case NumberType::U32: return load<uint32_t>(at, bigEndian);
    case NumberType::I32: return load<int32_t>(at, bigEndian);
    case NumberType::I64: return static_cast<double>(load<int64_t>(at, bigEndian));
    case NumberType::F32: return load<float>(at, bigEndian);
    case NumberType::F64: return load<double>(at, bigEndian);
  }
  return 0;
}

bool isFloating(NumberType type) { return type == NumberType::F32 || type == NumberType::F64; }

// The array's next sample's bytes.
class Samples {
 public:
  explicit Samples(NumberArray given)
      : array(std::move(given)), bytes(array.sampleElements() * numberBytes(array.type)) {}

  std::span<const std::byte> next() {
    size_t got = array.stream.read(bytes);
    if (got < bytes.size()) array.refuseEnd(number);
    ++number;
    return bytes;
  }
  // To be called behind the last.
  void requireEnd() {
    std::byte more;
    if (array.stream.read({&more, 1}))
      throw UserError(array.name() + ": there are bytes behind its " +
                      std::to_string(array.samples()) + " samples; the file's header is wrong");
  }

  NumberArray array;

 private:
  std::vector<std::byte> bytes;
  int64_t number = 0;
};

// Writes samples of an array to a column.
class Writer {
 public:
  // `classes`: of a column of class numbers, 0 if that isn't known.
  Writer(const NumberArray &array, const NnccTensor &column, int64_t classes, bool isTarget)
      : array(&array), column(&column), classes(classes) {
    int64_t elements = data::sampleBytes(column) / elementBytes(column.type);
    bool same = array.sampleElements() == elements && sameShape();
    bool whole = !isFloating(array.type);
    // A class number for each sample where the model wants one place for each class.
    if (isTarget && !same && array.sampleElements() == 1 && whole && column.rank == 1) {
      labels.emplace(column, elements, array.name());
      this->classes = elements;
    } else if (!same) {
      throw UserError(array.name() + ": its array is " + array.shapeText() + ", samples first, " +
                      "but a sample of the model's " + (isTarget ? "target" : "input") + " '" +
                      column.name + "' is " + data::shapeText(column));
    }
    bool fits = column.type == NNCC_U8   ? array.type == NumberType::U8
                : column.type == NNCC_I32 ? whole
                                          : true;
    if (!fits)
      throw UserError(array.name() + ": its numbers are " + numberName(array.type) +
                      ", but the model's " + (isTarget ? "target" : "input") + " '" + column.name +
                      "' is " + typeName(column.type) +
                      (column.type == NNCC_U8 ? "; give the input `type: f32`"
                                              : "; class numbers are integers"));
  }

  void write(std::span<const std::byte> from, std::byte *to, int64_t sample) const {
    if (column->type == NNCC_U8) {
      std::memcpy(to, from.data(), from.size());
      return;
    }
    int64_t step = numberBytes(array->type), toStep = elementBytes(column->type);
    for (size_t at = 0; at < from.size(); at += step) {
      double value = numberAt(from.data() + at, array->type, array->bigEndian);
      if (labels || column->type == NNCC_I32) {
        requireLabel(value, sample);
        if (labels) return labels->write(to, static_cast<int64_t>(value));
        int32_t label = static_cast<int32_t>(value);
        std::memcpy(to, &label, sizeof label);
      } else {
        if (!std::isfinite(value) ||
            (column->type == NNCC_F32 && std::abs(value) > std::numeric_limits<float>::max()))
          throw UserError(array->name() + ": sample " + std::to_string(sample) +
                          " (from 0) holds a value that is no finite number of 32 bits (element " +
                          std::to_string(at / step) + "); mend or remove the sample");
        writeNumber(column->type, to, value);
      }
      to += toStep;
    }
  }

 private:
  // Ones apart: [28, 28] feeds [28, 28, 1].
  bool sameShape() const {
    std::vector<int64_t> own(array->shape.begin() + 1, array->shape.end()),
        wanted(column->shape, column->shape + column->rank);
    std::erase(own, 1);
    std::erase(wanted, 1);
    return own == wanted;
  }

  void requireLabel(double value, int64_t sample) const {
    double most = classes ? static_cast<double>(classes - 1) : std::numeric_limits<int32_t>::max();
    if (value < 0 || value > most)
      throw UserError(array->name() + ": sample " + std::to_string(sample) +
                      " (from 0) has label " + std::to_string(static_cast<int64_t>(value)) +
                      ", expected 0 to " + std::to_string(static_cast<int64_t>(most)) +
                      "; the file is damaged, or the model has too few outputs");
  }

  const NumberArray *array;
  const NnccTensor *column;
  int64_t classes;
  std::optional<LabelWriter> labels;
};

void requireColumns(const char *kind, std::span<const NnccTensor> columns) {
  if (columns.empty() || columns.size() > 2)
    throw UserError(std::string(kind) + " gives one input and one target, but the model has " +
                    std::to_string(columns.size()) + " inputs and targets");
}

}  // namespace

int64_t numberBytes(NumberType type) { return types[static_cast<int>(type)].bytes; }
const char *numberName(NumberType type) { return types[static_cast<int>(type)].name; }

int64_t NumberArray::sampleElements() const {
  int64_t elements = 1;
  for (size_t i = 1; i < shape.size(); ++i) elements *= shape[i];
  return elements;
}

std::string NumberArray::shapeText() const {
  return data::shapeText({"", NNCC_F32, static_cast<int32_t>(shape.size()), shape.data()});
}

void NumberArray::check() const {
  if (shape.empty()) throw UserError(name() + ": its array is a single number; expected samples");
  int64_t elements = numberBytes(type);
  for (int64_t size : shape) {
    if (size < 0 || (size > 0 && elements > mostElements / size))
      throw UserError(name() + ": its array is " + shapeText() +
                      "; sizes are damaged or beyond what can be read");
    elements *= size;
  }
  if (shape[0] == 0) throw UserError(name() + ": its array is " + shapeText() + ": no samples");
  if (elements == 0) throw UserError(name() + ": its array is " + shapeText() + ": samples of nothing");
  int64_t there = stream.remaining();
  if (there >= 0 && there < elements) refuseEnd(there / (elements / shape[0]));
}

void NumberArray::refuseEnd(int64_t sample) const {
  throw UserError(name() + ": the file ends in sample " + std::to_string(sample) +
                  " (from 0), but its header says " + std::to_string(samples()) +
                  " samples; fetch the file again");
}

// Splits go by a sample's bytes and by the columns of the table of labels.
static void addTo(Parting &parting, std::span<const std::byte> sample, const LabelTable *table, int64_t row) {
  if (parting.empty()) return;
  double hash = hashNumber({reinterpret_cast<const char *>(sample.data()), sample.size()});
  parting.add(hash, table ? table->groups(row) : std::vector<std::string>());
}

static std::optional<LabelTable> tableOf(const char *kind, const ReaderInput &reader, const NumberArray &inputs,
                                         std::span<const NnccTensor> targets) {
  std::optional<LabelTable> table;
  if (LabelTable::isIn(reader)) {
    table.emplace(reader, targets);
    table->requireRows(inputs.samples(), inputs.name());
  } else {
    groupColumns(reader.context.splits, {}, kind);
    if (Selection::isIn(reader) || !reader.option("label").empty())
      throw UserError(std::string(kind) + ": `label`, `only` and `except` name columns of a CSV file; expected one as "
                      "`labels`, such as labels: clips.csv");
  }
  return table;
}

static PartedDataset readAll(const char *kind, NumberArray inputs, std::optional<NumberArray> targets,
                             const std::optional<LabelTable> &table, const ReaderInput &reader,
                             std::span<const NnccTensor> columns, const ReadProgress &progress) {
  if (!table) requireColumns(kind, columns);
  bool labelled = columns.size() > 1;
  if (labelled && !table) {
    if (!targets)
      throw UserError(inputs.name() + ": the model's target '" + columns[1].name + "' needs " +
                      (std::string_view(kind) == "idx" ? "`labels`" : "`targets`") +
                      " in the model's `data` section");
    if (targets->samples() != inputs.samples())
      throw UserError(targets->name() + ": has " + std::to_string(targets->samples()) +
                      " samples, but " + inputs.name() + " has " +
                      std::to_string(inputs.samples()) + "; they don't belong together");
  }
  Samples from(std::move(inputs));
  Writer writer(from.array, columns[0], 0, false);
  std::optional<Samples> targetsFrom;
  std::optional<Writer> targetWriter;
  if (labelled && !table) {
    targetsFrom.emplace(std::move(*targets));
    targetWriter.emplace(targetsFrom->array, columns[1], reader.context.classes, true);
  }
  int64_t samples = from.array.samples(), next = 0;
  PartedDataset result{Dataset(from.array.name(), columns, table ? table->size() : samples), {}};
  Parting parting(reader.context.splits);
  if (progress) progress(0, samples);
  for (int64_t i = 0; i < samples; ++i) {
    std::span<const std::byte> sample = from.next();
    if (!table || table->isChosen(i)) {
      writer.write(sample, result.dataset.sample(0, next), i);
      addTo(parting, sample, table ? &*table : nullptr, i);
      if (targetsFrom) targetWriter->write(targetsFrom->next(), result.dataset.sample(1, next), i);
      if (labelled && table) table->write(result.dataset, 1, next, i);
      ++next;
    }
    if (progress && i % 4096 == 4095 && i + 1 < samples) progress(i + 1, samples);
  }
  from.requireEnd();
  if (targetsFrom) targetsFrom->requireEnd();
  result.parts = parting.parts();
  if (labelled && table) {
    result.dataset.setClassNames(table->classes());
  } else if (labelled && columns[1].type == NNCC_I32 && columns[1].rank == 0) {
    std::vector<std::string> names;
    for (int64_t i = 0; i < reader.context.classes; ++i) names.push_back(std::to_string(i));
    result.dataset.setClassNames(std::move(names));
  }
  if (progress) progress(samples, samples);
  return result;
}

PartedDataset readArrays(const char *kind, NumberArray inputs, std::optional<NumberArray> targets,
                         const ReaderInput &reader, std::span<const NnccTensor> columns,
                         const ReadProgress &progress) {
  std::optional<LabelTable> table = tableOf(kind, reader, inputs, columns.empty() ? columns : columns.subspan(1));
  return readAll(kind, std::move(inputs), std::move(targets), table, reader, columns, progress);
}

// What is behind a sample's steps becomes zeros, whatever the file has there.
static void endAt(const NumberArray &lengths, const NnccTensor &column, std::byte *sample, int32_t steps, int64_t number) {
  if (column.rank < 1)
    throw UserError(lengths.name() + ": the model's input '" + column.name + "' has no steps that there could be lengths of");
  if (steps < 1 || steps > column.shape[0])
    throw UserError(lengths.name() + ": sample " + std::to_string(number) + " (from 0) has length " +
                    std::to_string(steps) + ", expected 1 to " + std::to_string(column.shape[0]) + "; mend or remove the sample");
  int64_t bytes = data::sampleBytes(column), kept = bytes / column.shape[0] * steps;
  std::memset(sample + kept, 0, static_cast<size_t>(bytes - kept));
}

PartedDataset readNamedArrays(std::vector<NumberArray> arrays, const ReaderInput &reader,
                              std::span<const NnccTensor> columns, const ReadProgress &progress) {
  groupColumns(reader.context.splits, {}, reader.reader.kind);
  std::vector<Samples> from;
  for (NumberArray &array : arrays) {
    if (array.samples() != arrays[0].samples())
      throw UserError(array.name() + ": has " + std::to_string(array.samples()) + " samples, but " + arrays[0].name() +
                      " has " + std::to_string(arrays[0].samples()) + "; they don't belong together");
  }
  for (NumberArray &array : arrays) from.emplace_back(std::move(array));
  std::vector<Writer> writers;
  for (size_t c = 0; c < columns.size(); ++c) {
    int64_t classes = isLengths(columns[c]) ? 0 : reader.context.classes;
    writers.emplace_back(from[c].array, columns[c], classes, c >= reader.context.firstTarget);
  }
  int64_t samples = from[0].array.samples();
  PartedDataset result{Dataset(from[0].array.name(), columns, samples), {}};
  Dataset &dataset = result.dataset;
  Parting parting(reader.context.splits);
  if (progress) progress(0, samples);
  for (int64_t i = 0; i < samples; ++i) {
    for (size_t c = 0; c < columns.size(); ++c) {
      int column = static_cast<int>(c);
      std::span<const std::byte> sample = from[c].next();
      writers[c].write(sample, dataset.sample(column, i), i);
      if (c == 0) addTo(parting, sample, nullptr, i);
      if (isLengths(columns[c]))
        endAt(from[c].array, columns[c - 1], dataset.sample(column - 1, i), dataset.integer(column, i), i);
    }
    if (progress && i % 4096 == 4095 && i + 1 < samples) progress(i + 1, samples);
  }
  for (Samples &each : from) each.requireEnd();
  result.parts = parting.parts();
  if (dataset.labelColumn() >= 0) {
    std::vector<std::string> names;
    for (int64_t i = 0; i < reader.context.classes; ++i) names.push_back(std::to_string(i));
    dataset.setClassNames(std::move(names));
  }
  if (progress) progress(samples, samples);
  return result;
}

Dataset readArrayInputs(const char *kind, NumberArray inputs, const ReaderInput &reader,
                        std::span<const NnccTensor> columns) {
  return readAll(kind, std::move(inputs), {}, {}, reader, columns, {}).dataset;
}

std::vector<int64_t> countArrays(const char *kind, NumberArray inputs, const ReaderInput &reader) {
  std::span<const Split> splits = reader.context.splits;
  std::optional<LabelTable> table = tableOf(kind, reader, inputs, {});
  if (splits.empty()) return {table ? table->size() : inputs.samples()};
  Samples from(std::move(inputs));
  Parting parting(splits);
  for (int64_t i = 0; i < from.array.samples(); ++i) {
    std::span<const std::byte> sample = from.next();
    if (!table || table->isChosen(i)) addTo(parting, sample, table ? &*table : nullptr, i);
  }
  return countsOf(parting.parts(), splits.size());
}

}  // namespace nncc::data
