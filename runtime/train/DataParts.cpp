#include "train/DataParts.h"

#include <algorithm>
#include <numeric>

#include "data/Indices.h"
#include "data/Pack.h"
#include "data/QuarterTurns.h"
#include "data/ReversedClasses.h"
#include "error.h"
#include "train/Block.h"
#include "train/Program.h"

namespace nncc::train {

namespace {

constexpr const char *kPartNames[] = {"train", "validation", "test"};

}  // namespace

std::string sampleWord(const NnccEntry &entry) {
  bool image = entry.num_inputs > 0 && entry.inputs[0].type == NNCC_U8 && entry.inputs[0].rank >= 2;
  return image ? "images" : "samples";
}

DataParts::DataParts(const NnccProgram &program, const NnccEntry &entry,
                     std::filesystem::path dataDir)
    : program(&program),
      entry(&entry),
      dataDir(std::move(dataDir)),
      components{&program.data.train, &program.data.validation, &program.data.test},
      turnsClasses(data::turnsClasses(program.data.augment)),
      reversesClasses(data::reversesClasses(program.data.augment)) {
  std::vector<data::Split> &splits = sources[Train].splits;
  for (int part : {Train, Validation, Test}) {
    places[part] = {part, kWhole};
    if (data::isSplit(*components[part])) {
      splits.push_back(data::splitOf(*components[part], part == Test, data::folderOf(this->dataDir)));
      places[part] = {Train, static_cast<int>(splits.size())};
      continue;
    }
    for (int earlier = 0; earlier < part && places[part].source == part; ++earlier)
      if (sameComponent(*components[earlier], *components[part])) places[part].source = earlier;
    sources[part].reader = components[part];
  }
  if (!splits.empty()) places[Train].split = 0;
}

data::ReadContext DataParts::contextOf(const Source &source) const {
  return {source.splits, preprocessing, labelClasses(*program, *entry),
          limitsOf(*program, entry->inputs[0]), inputs(*entry), firstTarget(*program, *entry),
          source.findings.get()};
}

std::vector<data::Reading> DataParts::readings() const {
  std::vector<data::Reading> all;
  for (const Source &source : sources)
    if (source.set) all.push_back({source.reader, inputs(*entry), source.splits, source.set.get()});
  return all;
}

void DataParts::collectFindings() {
  for (Source &source : sources) source.findings = std::make_unique<data::Findings>();
}

const std::vector<int64_t> &DataParts::countsOf(Source &source) {
  if (source.counts.empty())
    source.counts = data::countParts(*source.reader, dataDir, contextOf(source));
  return source.counts;
}

std::optional<int64_t> DataParts::pairsOf(Part part) const {
  std::optional<data::Pairing> pairing = data::pairingOf(*sources[places[part].source].reader);
  if (!pairing) return std::nullopt;
  return part == Train ? pairing->count : pairing->evaluationCount;
}

int64_t DataParts::count(Part part) {
  std::optional<int64_t> pairs = pairsOf(part);
  int64_t samples = pairs && *pairs > 0 ? *pairs : countRead(part);
  if (part == Train && reversesClasses) samples *= 2;
  if (part == Train && turnsClasses) samples *= data::quarterTurns(inputs(*entry));
  return samples;
}

int64_t DataParts::countRead(Part part) {
  const std::vector<int64_t> &counts = countsOf(sources[places[part].source]);
  if (places[part].split != kWhole) return counts[places[part].split];
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

int64_t DataParts::plannedBytes(const std::vector<Part> &parts) {
  int64_t sum = 0;
  bool counted[3] = {};
  for (Part part : parts) {
    int number = places[part].source;
    const std::vector<int64_t> &counts = countsOf(sources[number]);
    int64_t sampleBytes = 0;
    if (pairsOf(part)) {
      for (const NnccTensor &column : data::columnsOfOne(inputs(*entry))) sampleBytes += bytes(column);
      // Numbers of a pair's columns, and of a class's samples: those of an epoch beside the first ones.
      sum += static_cast<int64_t>(sizeof(uint32_t)) *
             (count(part) * entry->num_inputs * (part == Train ? 2 : 1) + 3 * countRead(part));
    } else {
      for (const NnccTensor &column : inputs(*entry)) sampleBytes += bytes(column);
    }
    // A sample's part and its number in the list of that part.
    int64_t splitBytes = counts.size() > 1 ? 1 + sizeof(uint32_t) : 0;
    if (!counted[number])
      sum += std::accumulate(counts.begin(), counts.end(), int64_t{0}) *
             (sampleBytes + splitBytes);
    counted[number] = true;
    if (part == Train && (turnsClasses || reversesClasses)) sum += count(part) * sampleBytes;
    if (part == Train && turnsClasses && reversesClasses) sum += 2 * countRead(part) * sampleBytes;  // while they turn
  }
  return sum;
}

std::optional<data::Dataset> DataParts::drawn(uint64_t seed, int64_t epoch) const {
  if (!trainingPairs) return std::nullopt;
  return trainingPairs->drawn(seed, epoch);
}

// Readers look at those of the first input.
void DataParts::requireIndices(const data::Dataset &dataset) const {
  for (int column = 1; column < entry->num_inputs; ++column) {
    std::span<const int64_t> limits = limitsOf(*program, entry->inputs[column]);
    for (int64_t i = 0; !limits.empty() && i < dataset.size(); ++i)
      data::requireIndices(limits, entry->inputs[column], dataset.sample(column, i),
                           dataset.source() + ": sample " + std::to_string(i) + " (from 0)");
  }
}

void DataParts::open(Part part, int threads, report::Progress &progress) {
  if (sets[part]) return;
  Source &source = sources[places[part].source];
  if (!source.set) {
    // What another reader needs to know of the training part's data, if no weights tell.
    if (part != Train && preprocessing.empty() && data::isFitted(*source.reader) &&
        data::isFitted(*components[Train]))
      open(Train, threads, progress);
  }
  if (!source.set) {
    bool started = false;
    std::string label = "Reading";
    for (const char *key : {"path", "images", "inputs", "of.path", "of.images", "of.inputs"})
      if (const NnccOption *path = findOption(*source.reader, key)) {
        label += std::string(" ") + path->text;
        break;
      }
    source.set = std::make_shared<data::PartedDataset>(data::openParts(
        *source.reader, dataDir, inputs(*entry), threads,
        [&](int64_t done, int64_t total) {
          if (!started) progress.beginTask(label, sampleWord(*entry), total);
          started = true;
          progress.task(done);
        },
        contextOf(source)));
    if (!pairsOf(part)) requireIndices(source.set->dataset);
    if (started) progress.endTask();
    for (const std::string &warning : source.set->dataset.warnings())
      progress.line("warning: " + warning);
  }
  const data::PartedDataset &all = *source.set;
  bool whole = places[part].split == kWhole;
  sets[part] = whole ? all.dataset : all.dataset.subset(all.samplesOf(places[part].split));
  if (part == Train) preprocessing = sets[part]->preprocessing();
  if (part == Train && reversesClasses) sets[part] = data::withReversed(*sets[part], inputs(*entry));
  if (part == Train && turnsClasses) sets[part] = data::withQuarterTurns(*sets[part], inputs(*entry));

  if (sets[part]->size() == 0)
    throw UserError("data set '" + sets[part]->source() + "' has no samples" +
                    (whole ? "; is this the right folder?"
                           : std::string(" for the part '") + kPartNames[part] +
                                 "'; take a larger fraction, or values that occur"));
  if (source.findings) singleSets[part] = sets[part];
  if (std::optional<int64_t> pairs = pairsOf(part)) {
    data::Pairs made(std::move(*sets[part]), inputs(*entry), *pairs);
    sets[part] = made.fixed();
    requireIndices(*sets[part]);
    if (part == Train) trainingPairs.emplace(std::move(made));
  }
  const data::Dataset &set = *sets[part];
  if (int64_t classes = labelClasses(*program, *entry); classes && !set.classNames().empty())
    data::requireClassCount(set, classes, "the model's output");
  if (part != Train && sets[Train] && tellsClasses(*program) && places[part].source != places[Train].source)
    data::requireSameClasses(*sets[Train], set);
}

}  // namespace nncc::train
