#include "train/Checkpoint.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

#include "error.h"
#include "report/AtomicFile.h"
#include "train/Program.h"
#include "train/Safetensors.h"
#include "train/Weights.h"

namespace nncc::train {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char *kPrefix = "checkpoint-";
constexpr const char *kSuffix = ".nncc";
constexpr const char *kFormat = "nncc checkpoint 1";

// The checksum is computed over the file with these eight digits in place of its own.
constexpr std::string_view kNoChecksum = "00000000";
constexpr std::string_view kChecksumKey = "\"checksum\":\"";

std::string hex(uint64_t value, int digits) {
  char text[17];
  std::snprintf(text, sizeof text, "%0*llx", digits, static_cast<unsigned long long>(value));
  return text;
}

class Checksum {
 public:
  void add(const void *data, size_t bytes) {
    value = crc32_z(value, static_cast<const unsigned char *>(data), bytes);
  }
  std::string text() const { return hex(value, 8); }

 private:
  uLong value = crc32_z(0, nullptr, 0);
};

// JSON has no NaN: null stands for every number that is not finite.
json number(double value) { return std::isfinite(value) ? json(value) : json(); }
double number(const json &value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

json numbers(const std::vector<double> &values) {
  json list = json::array();
  for (double value : values) list.push_back(number(value));
  return list;
}
std::vector<double> numbers(const json &list) {
  std::vector<double> values;
  for (const json &value : list) values.push_back(number(value));
  return values;
}

json toJson(const WatchState &state) {
  return {{"monitor", state.monitor},
          {"best", number(state.best)},
          {"best_epoch", state.bestEpoch},
          {"wait", state.wait},
          {"cooldown", state.cooldown}};
}

// Of a training that watches nothing there is no such entry.
WatchState watchState(const json &stored, const char *key) {
  WatchState state;
  auto found = stored.find(key);
  if (found == stored.end()) return state;
  found->at("monitor").get_to(state.monitor);
  state.best = number(found->at("best"));
  found->at("best_epoch").get_to(state.bestEpoch);
  found->at("wait").get_to(state.wait);
  found->at("cooldown").get_to(state.cooldown);
  return state;
}

std::string toText(const TrainingState &state) {
  json history = json::array();
  for (const EpochRecord &record : state.history)
    history.push_back({{"train", numbers(record.train)},
                       {"validation", numbers(record.validation)},
                       {"seconds", number(record.seconds)}});
  // nlohmann writes doubles in shortest round-trip form: the sums come back bit for bit.
  json text{{"seed", state.seed},
              {"shuffle", state.shuffle},
              {"batch_size", state.batchSize},
              {"grouping", state.grouping},
              {"samples", state.samples},
              {"epoch", state.epoch},
              {"step", state.step},
              {"iteration", state.iteration},
              {"sums", numbers(state.sums)},
              {"samples_done", state.samplesDone},
              {"seconds", number(state.seconds)},
              {"history", history}};
  if (!state.plateau.monitor.empty()) {
    text["plateau"] = toJson(state.plateau);
    text["reduced_rate"] = number(state.reducedRate);
  }
  if (!state.stopping.monitor.empty()) {
    text["stopping"] = toJson(state.stopping);
    text["stopped"] = state.stopped;
  }
  if (!state.keeping.monitor.empty()) text["keeping"] = toJson(state.keeping);
  return text.dump();
}

TrainingState fromText(const std::string &text) {
  json stored = json::parse(text);
  TrainingState state;
  stored.at("seed").get_to(state.seed);
  stored.at("shuffle").get_to(state.shuffle);
  stored.at("batch_size").get_to(state.batchSize);
  state.grouping = stored.value("grouping", "");
  stored.at("samples").get_to(state.samples);
  stored.at("epoch").get_to(state.epoch);
  stored.at("step").get_to(state.step);
  stored.at("iteration").get_to(state.iteration);
  state.sums = numbers(stored.at("sums"));
  stored.at("samples_done").get_to(state.samplesDone);
  state.seconds = number(stored.at("seconds"));
  for (const json &record : stored.at("history"))
    state.history.push_back({numbers(record.at("train")), numbers(record.at("validation")),
                             number(record.at("seconds"))});
  state.plateau = watchState(stored, "plateau");
  state.stopping = watchState(stored, "stopping");
  state.keeping = watchState(stored, "keeping");
  if (stored.contains("reduced_rate")) state.reducedRate = number(stored["reduced_rate"]);
  state.stopped = stored.value("stopped", false);
  return state;
}

// The tensors of the best epoch's weights, beside those of the last.
std::string bestName(const NnccParameter &parameter) {
  return "best." + std::string(parameter.tensor.name);
}

[[noreturn]] void refuse(const fs::path &path, const std::string &why) {
  throw UserError("'" + path.string() + "' is no intact checkpoint: " + why);
}

const std::string &metadata(const SafetensorsFile &file, const char *key) {
  auto entry = file.metadata().find(key);
  if (entry == file.metadata().end()) refuse(file.path(), std::string("it has no ") + key);
  return entry->second;
}

void requireChecksum(const SafetensorsFile &file) {
  const std::string &stored = metadata(file, "checksum");
  std::string header = file.header();
  size_t place = header.find(kChecksumKey);
  if (place == header.npos || stored.size() != kNoChecksum.size() ||
      header.compare(place + kChecksumKey.size(), stored.size(), stored) != 0)
    refuse(file.path(), "its checksum is not where it should be");
  header.replace(place + kChecksumKey.size(), kNoChecksum.size(), kNoChecksum);

  Checksum checksum;
  checksum.add(header.data(), header.size());
  file.readAll([&](const void *data, size_t bytes) { checksum.add(data, bytes); });
  if (checksum.text() != stored)
    refuse(file.path(), "its content has checksum " + checksum.text() + ", where " + stored +
                            " was written: it has been altered");
}

// An intact checkpoint of any program; says which one's.
uint64_t checkedFingerprint(const SafetensorsFile &file) {
  if (metadata(file, "format") != kFormat)
    refuse(file.path(), "its format is '" + metadata(file, "format") + "', expected '" + kFormat +
                            "'");
  requireChecksum(file);
  return std::strtoull(metadata(file, "fingerprint").c_str(), nullptr, 16);
}

int64_t iterationOf(const fs::path &path) {
  std::string name = path.filename().string();
  std::string_view prefix = kPrefix, suffix = kSuffix;
  if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) ||
      !name.ends_with(suffix))
    return -1;
  std::string digits = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  if (digits.size() > 18 || digits.find_first_not_of("0123456789") != digits.npos) return -1;
  return std::stoll(digits);
}

bool isOwn(const NnccProgram &program, const fs::path &path) {
  try {
    return checkedFingerprint(SafetensorsFile(path)) == program.fingerprint;
  } catch (const UserError &) {
    return false;
  }
}

}  // namespace

fs::path checkpointPath(const fs::path &folder, int64_t iteration) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%08lld", static_cast<long long>(iteration));
  return folder / (kPrefix + std::string(digits) + kSuffix);
}

std::vector<fs::path> findCheckpoints(const fs::path &folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (iterationOf(entry->path()) >= 0) found.push_back(entry->path());
  std::sort(found.begin(), found.end(), [](const fs::path &a, const fs::path &b) {
    int64_t first = iterationOf(a), second = iterationOf(b);
    return first != second ? first > second : a < b;
  });
  return found;
}

fs::path saveCheckpoint(const NnccProgram &program, const fs::path &folder,
                        const TrainingState &state, const void *parameters, const void *slots,
                        const void *best) {
  std::vector<TensorView> tensors = parameterViews(program, parameters);
  std::vector<TensorView> more = slotViews(program, slots);
  tensors.insert(tensors.end(), more.begin(), more.end());
  if (best && state.keeping.bestEpoch > 0) {
    std::vector<TensorView> kept = parameterViews(program, best);
    for (size_t i = 0; i < kept.size(); ++i) {
      kept[i].name = bestName(program.parameters[i]);
      tensors.push_back(kept[i]);
    }
  }
  Metadata texts{{"checksum", std::string(kNoChecksum)},
                 {"class_names", classNamesText(state.classNames)},
                 {kPreprocessing, state.preprocessing},
                 {"fingerprint", hex(program.fingerprint, 16)},
                 {"format", kFormat},
                 {"model", program.name},
                 {"state", toText(state)}};
  std::string header = safetensorsHeader(tensors, texts);

  constexpr size_t kLengthBytes = 8;
  Checksum checksum;
  checksum.add(header.data() + kLengthBytes, header.size() - kLengthBytes);
  for (const TensorView &tensor : tensors)
    checksum.add(tensor.data, static_cast<size_t>(tensor.bytes));
  header.replace(header.find(kChecksumKey) + kChecksumKey.size(), kNoChecksum.size(),
                 checksum.text());

  fs::path path = checkpointPath(folder, state.iteration);
  report::AtomicFile file(path);
  file.write(header);
  for (const TensorView &tensor : tensors)
    file.write(tensor.data, static_cast<size_t>(tensor.bytes));
  file.commit();
  return path;
}

TrainingState loadCheckpoint(const NnccProgram &program, const fs::path &path, void *parameters,
                             void *slots, void *best) {
  SafetensorsFile file(path);
  uint64_t fingerprint = checkedFingerprint(file);
  if (fingerprint != program.fingerprint)
    throw UserError("'" + path.string() + "' is a checkpoint of another model or training ('" +
                    metadata(file, "model") + "', fingerprint " + hex(fingerprint, 16) +
                    "; this program is '" + program.name + "', " + hex(program.fingerprint, 16) +
                    "); to take over its weights, 'export' them with the program that made it");
  TrainingState state;
  try {
    state = fromText(metadata(file, "state"));
  } catch (const json::exception &error) {
    refuse(path, std::string("its state cannot be read: ") + error.what());
  }
  state.classNames = classNamesOf(file);
  state.preprocessing = preprocessingOf(file);
  for (int i = 0; i < program.num_parameters; ++i)
    readTensor(file, program.parameters[i].tensor,
               static_cast<std::byte *>(parameters) + program.parameters[i].offset);
  for (int i = 0; slots && i < program.num_slots; ++i)
    readTensor(file, program.slots[i].tensor,
               static_cast<std::byte *>(slots) + program.slots[i].offset);
  for (int i = 0; best && state.keeping.bestEpoch > 0 && i < program.num_parameters; ++i) {
    std::string name = bestName(program.parameters[i]);
    NnccTensor tensor = program.parameters[i].tensor;
    tensor.name = name.c_str();
    readTensor(file, tensor, static_cast<std::byte *>(best) + program.parameters[i].offset);
  }
  return state;
}

const void *weightsToSave(const NnccProgram &program, const TrainingState &state,
                          const void *parameters, const void *slots, const void *best,
                          void *averages) {
  if (best && state.keeping.bestEpoch > 0) return best;
  bool averaged = program.train.ema_decay > 0 && state.iteration >= accumulationSteps(program);
  if (!averaged) return parameters;
  copyAverages(program, parameters, slots, averages);
  return averages;
}

Resumed loadNewestCheckpoint(const NnccProgram &program, const fs::path &folder,
                             void *parameters, void *slots, void *best) {
  Resumed resumed;
  for (const fs::path &path : findCheckpoints(folder)) {
    try {
      resumed.state = loadCheckpoint(program, path, parameters, slots, best);
      resumed.path = path;
      return resumed;
    } catch (const UserError &error) {
      resumed.refused.push_back(error.what());
    }
  }
  std::string refused;
  for (const std::string &why : resumed.refused) refused += "; " + why;
  throw UserError("there is no checkpoint to resume from in '" + folder.string() + "'" +
                  (refused.empty() ? ": expected checkpoint-NNNNNNNN.nncc, as a training leaves "
                                     "them in its --out folder"
                                   : refused));
}

void requireOwnCheckpoints(const NnccProgram &program, const fs::path &folder) {
  for (const fs::path &path : findCheckpoints(folder))
    if (!isOwn(program, path))
      throw UserError("'" + path.string() +
                      "' is damaged or of another model; choose another --out folder, or remove "
                      "the file if you don't need it");
}

void pruneCheckpoints(const NnccProgram &program, const fs::path &folder, int64_t iteration,
                      int keep) {
  for (const fs::path &path : findCheckpoints(folder)) {
    if (!isOwn(program, path)) continue;
    if (iterationOf(path) <= iteration && keep-- > 0) continue;
    std::error_code ignored;  // a checkpoint too many does no harm
    fs::remove(path, ignored);
  }
}

}  // namespace nncc::train
