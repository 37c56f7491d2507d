#include "prepare/Samples.h"

#include <algorithm>
#include <cstring>

#include "data/Batches.h"
#include "data/Pairs.h"
#include "error.h"
#include "train/Program.h"

namespace nncc::prepare {

using train::DataParts;

namespace {

template <typename Number>
double numberAt(const std::byte *bytes, int64_t element) {
  Number value;
  std::memcpy(&value, bytes + element * static_cast<int64_t>(sizeof value), sizeof value);
  return static_cast<double>(value);
}

}  // namespace

const NnccEntry &requireData(const NnccProgram &program) {
  const NnccEntry *entry = train::findEntry(program, NNCC_EVALUATE);
  if (!entry || !program.data.train.kind)
    throw UserError("model '" + std::string(program.name) + "' has no `data` section: there is nothing to read");
  return *entry;
}

double valueOf(const NnccTensor &tensor, const std::byte *sample, int64_t element) {
  switch (tensor.type) {
    case NNCC_U8: return numberAt<uint8_t>(sample, element);
    case NNCC_I32: return numberAt<int32_t>(sample, element);
    case NNCC_I64: return numberAt<int64_t>(sample, element);
    case NNCC_F32: return numberAt<float>(sample, element);
    default: return numberAt<double>(sample, element);
  }
}

ImageForm formOf(const NnccTensor &image) {
  auto size = [&](int i) { return static_cast<int>(image.shape[i]); };
  if (image.rank == 2) return {1, size(0), size(1), 1};
  bool channels = size(image.rank - 1) == 1 || size(image.rank - 1) == 3;
  if (image.rank == 3 && channels) return {1, size(0), size(1), size(2)};
  if (image.rank == 3) return {size(0), size(1), size(2), 1};
  int frames = 1;
  int inner = channels ? 3 : 2;
  for (int i = 0; i < image.rank - inner; ++i) frames *= size(i);
  return {frames, size(image.rank - inner), size(image.rank - inner + 1), channels ? size(image.rank - 1) : 1};
}

Samples::Samples(const Source &source, report::Progress &progress) : model(&source.program), dataDir(source.dataDir) {
  const NnccEntry &entry = requireData(source.program);
  sampleWord = train::sampleWord(entry);
  bool pairs = data::pairingOf(source.program.data.train).has_value();
  std::vector<NnccTensor> columns(entry.inputs, entry.inputs + entry.num_inputs);
  size_t firstTarget = train::firstTarget(source.program, entry);
  if (pairs) {
    columns = data::columnsOfOne(columns);
    firstTarget = columns.size() - 1;
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    int number = static_cast<int>(i);
    if (i >= firstTarget)
      targets.push_back({number, columns[i]});
    else if (!data::isLengths(columns[i]))
      inputs.push_back({number, columns[i]});
    else if (lengths < 0)
      lengths = number;
  }

  reader = std::make_unique<DataParts>(source.program, entry, source.dataDir);
  reader->collectFindings();
  auto attempt = [&](const std::string &part, auto &&what) {
    try {
      what();
    } catch (const UserError &error) {
      // What is wrong with the training part's files is wrong with those taken from it.
      std::string text = error.what();
      bool known = std::ranges::any_of(errors, [&](const std::string &other) { return other.ends_with(text); });
      if (!known) errors.push_back(part + ": " + text);
    }
  };
  for (auto [part, name] : {std::pair{DataParts::Train, "train"}, std::pair{DataParts::Validation, "validation"},
                            std::pair{DataParts::Test, "test"}}) {
    if (!reader->has(part)) continue;
    attempt(name, [&] { reader->open(part, source.threads, progress); });
    bool isTold = false;
    for (int before = 0; before < part; ++before) {
      auto other = static_cast<DataParts::Part>(before);
      isTold |= reader->has(other) && reader->shareFiles(other, part);
    }
    if (!isTold)
      for (const std::string &fault : reader->findings(part)->faults())
        errors.push_back(std::string(name) + ": " + fault);
    const data::Dataset *samples = reader->singles(part);
    if (!samples) continue;
    Part read{name, part, *samples};
    for (const Part &before : parts)
      if (reader->areSame(before.number, part)) read.sameAs = before.name;
    for (const std::string &warning : samples->warnings()) warnings.push_back(warning);
    parts.push_back(std::move(read));
  }
  if (const data::Dataset *training = reader->find(DataParts::Train))
    attempt("train", [&] { data::requireGrouping(*training, data::groupingOf(source.program.train.batches)); });

  if (targets.empty()) return;
  // Without names as many as the model tells apart, or as there are.
  int64_t count = pairs ? 0 : train::labelClasses(source.program, entry);
  int64_t most = count;
  bool areNumbers = targets[0].tensor.type == NNCC_I32 && targets[0].tensor.rank == 0;
  for (int part = 0; part < static_cast<int>(parts.size()); ++part) {
    parts[part].classes = parts[part].samples.classNames();
    for (int64_t i = 0; count == 0 && areNumbers && i < parts[part].samples.size(); ++i)
      most = std::max(most, label({part, i}) + 1);
  }
  for (Part &part : parts)
    for (int64_t i = 0; areNumbers && part.samples.classNames().empty() && i < most; ++i)
      part.classes.push_back(std::to_string(i));
}

int64_t Samples::length(SampleId id) const {
  if (lengths >= 0) return set(id).integer(lengths, id.index);
  return inputs[0].tensor.rank > 0 ? inputs[0].tensor.shape[0] : 1;
}

int64_t Samples::label(SampleId id) const {
  if (targets.empty()) return -1;
  const Column &target = targets[0];
  const std::byte *sample = bytes(id, target);
  if (target.tensor.type == NNCC_I32 && target.tensor.rank == 0) return set(id).integer(target.number, id.index);
  if (parts[id.part].classes.empty()) return -1;
  int64_t elements = target.elements(), best = 0;
  if (elements == 1) return valueOf(target.tensor, sample, 0) >= 0.5;
  for (int64_t i = 1; i < elements; ++i)
    if (valueOf(target.tensor, sample, i) > valueOf(target.tensor, sample, best)) best = i;
  return best;
}

std::string Samples::className(SampleId id) const {
  int64_t number = label(id);
  const std::vector<std::string> &classes = parts[id.part].classes;
  if (number >= 0 && number < static_cast<int64_t>(classes.size())) return classes[number];
  return std::to_string(number);
}

std::string Samples::place(SampleId id) const {
  const data::Dataset &samples = set(id);
  std::string file = samples.fileName(id.index), source = samples.source();
  std::string folder = dataDir.lexically_normal().string();
  auto below = [&](const std::string &path) {
    std::string prefix = folder.ends_with('/') ? folder : folder + "/";
    return path.starts_with(prefix) ? path.substr(prefix.size()) : path;
  };
  if (!file.empty()) return below(file);
  if (int64_t line = samples.line(id.index)) return below(source) + ":" + std::to_string(line);
  return below(source) + ": sample " + std::to_string(id.index) + " of " + parts[id.part].name + " (from 0)";
}

}  // namespace nncc::prepare
