#include "train/Weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "error.h"
#include "train/Block.h"
#include "train/Program.h"

namespace nncc::train {

namespace {

constexpr const char *kClassNames = "class_names";
constexpr const char *kModel = "model";

std::byte *at(void *block, int64_t offset) { return static_cast<std::byte *>(block) + offset; }
const std::byte *at(const void *block, int64_t offset) {
  return static_cast<const std::byte *>(block) + offset;
}

std::string shapeText(std::span<const int64_t> shape) {
  std::string text = "[";
  for (int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

template <typename T>
int64_t notFinite(const void *values, int64_t count) {
  const T *begin = static_cast<const T *>(values);
  return std::count_if(begin, begin + count, [](T value) { return !std::isfinite(value); });
}

// What a missing tensor might have been written for: the file's names, the first few of them.
std::string namesIn(const SafetensorsFile &file) {
  constexpr size_t kShown = 6;
  std::string text;
  for (size_t i = 0; i < std::min(kShown, file.tensors().size()); ++i)
    text += (i ? ", " : "") + file.tensors()[i].name;
  if (file.tensors().size() > kShown) text += ", ...";
  return text.empty() ? "no tensors" : text;
}

}  // namespace

void readTensor(const SafetensorsFile &file, const NnccTensor &tensor, void *destination) {
  std::string name = tensor.name;
  const StoredTensor *stored = file.find(name);
  if (!stored)
    throw UserError("'" + file.path().string() + "' has no tensor '" + name + "'; it holds " +
                    namesIn(file) + "; was it made by another model?");
  std::span<const int64_t> shape(tensor.shape, static_cast<size_t>(tensor.rank));
  if (!std::equal(shape.begin(), shape.end(), stored->shape.begin(), stored->shape.end()))
    throw UserError("'" + file.path().string() + "': tensor '" + name + "' has shape " +
                    shapeText(stored->shape) + ", but the model expects " + shapeText(shape) +
                    "; was it made by another model?");
  if (stored->dtype == dtypeOf(tensor.type)) {
    file.read(*stored, destination);
  } else if (stored->dtype == "F32" && tensor.type == NNCC_F64) {
    std::vector<float> narrow(static_cast<size_t>(elements(tensor)));
    file.read(*stored, narrow.data());
    std::copy(narrow.begin(), narrow.end(), static_cast<double *>(destination));
  } else {
    throw UserError("'" + file.path().string() + "': tensor '" + name + "' is stored as " +
                    stored->dtype + ", but the model expects " + dtypeOf(tensor.type) +
                    "; convert it before loading");
  }
}

LoadedWeights loadWeights(const NnccProgram &program, const std::filesystem::path &path,
                          void *block) {
  SafetensorsFile file(path);
  LoadedWeights loaded;
  for (const NnccParameter &parameter : parameters(program)) {
    void *values = at(block, parameter.offset);
    readTensor(file, parameter.tensor, values);
    int64_t count = elements(parameter.tensor);
    int64_t bad = parameter.tensor.type == NNCC_F64 ? notFinite<double>(values, count)
                                                    : notFinite<float>(values, count);
    if (bad > 0)
      loaded.warnings.push_back("'" + path.string() + "': " + std::to_string(bad) + " of " +
                                std::to_string(count) + " values of '" + parameter.tensor.name +
                                "' are not finite numbers");
  }
  if (file.tensors().size() > parameters(program).size())
    for (const StoredTensor &stored : file.tensors())
      if (std::ranges::none_of(parameters(program), [&](const NnccParameter &parameter) {
            return stored.name == parameter.tensor.name;
          }))
        throw UserError("'" + path.string() + "' holds a tensor '" + stored.name +
                        "' that the model '" + program.name +
                        "' does not have; was it made by another model? (a checkpoint becomes "
                        "weights by 'export')");
  loaded.classNames = classNamesOf(file);
  loaded.preprocessing = preprocessingOf(file);
  return loaded;
}

void saveWeights(const NnccProgram &program, const std::filesystem::path &path,
                 const void *parameters, const std::vector<std::string> &classNames,
                 const std::string &preprocessing) {
  Metadata metadata{{kModel, program.name}};
  if (!classNames.empty()) metadata[kClassNames] = classNamesText(classNames);
  if (!preprocessing.empty()) metadata[kPreprocessing] = preprocessing;
  writeSafetensors(path, parameterViews(program, parameters), metadata);
}

std::string classNamesText(const std::vector<std::string> &classNames) {
  return nlohmann::json(classNames)
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<std::string> classNamesOf(const SafetensorsFile &file) {
  auto text = file.metadata().find(kClassNames);
  if (text == file.metadata().end()) return {};
  try {
    return nlohmann::json::parse(text->second).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception &) {
    throw UserError("'" + file.path().string() +
                    "': its metadata 'class_names' is no JSON list of names");
  }
}

std::string preprocessingOf(const SafetensorsFile &file) {
  auto text = file.metadata().find(kPreprocessing);
  return text == file.metadata().end() ? std::string() : text->second;
}

std::vector<TensorView> parameterViews(const NnccProgram &program, const void *block) {
  std::vector<TensorView> views;
  for (const NnccParameter &parameter : parameters(program))
    views.push_back(view(parameter.tensor, at(block, parameter.offset)));
  return views;
}

std::vector<TensorView> slotViews(const NnccProgram &program, const void *block) {
  std::vector<TensorView> views;
  for (const NnccSlot &slot : slots(program))
    views.push_back(view(slot.tensor, at(block, slot.offset)));
  return views;
}

void copyAverages(const NnccProgram &program, const void *block, const void *state,
                  void *destination) {
  std::memcpy(destination, block, static_cast<size_t>(program.parameter_bytes));
  for (const NnccSlot &slot : slots(program)) {
    constexpr std::string_view kPrefix = "ema.";
    std::string_view name = slot.tensor.name;
    if (!name.starts_with(kPrefix)) continue;
    name.remove_prefix(kPrefix.size());
    for (const NnccParameter &parameter : parameters(program))
      if (name == parameter.tensor.name)
        std::memcpy(at(destination, parameter.offset), at(state, slot.offset),
                    static_cast<size_t>(bytes(slot.tensor)));
  }
}

}  // namespace nncc::train
