#include "train/WeightsMapping.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "data/Pack.h"
#include "error.h"
#include "train/Block.h"
#include "train/ForeignTensor.h"
#include "train/Program.h"

namespace nncc::train {

namespace {

constexpr size_t kShown = 6;  // of names in a message

std::string quoted(const std::string &name) { return "'" + name + "'"; }

std::string shapeText(std::span<const int64_t> shape) {
  std::string text = "[";
  for (int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

std::span<const int64_t> shapeOf(const NnccTensor &tensor) {
  return {tensor.shape, static_cast<size_t>(tensor.rank)};
}

// Insertions, deletions and replacements from one name to the other.
size_t distance(std::string_view left, std::string_view right) {
  std::vector<size_t> row(right.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 0; i < left.size(); ++i) {
    size_t corner = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < right.size(); ++j) {
      size_t replaced = corner + (left[i] != right[j]);
      corner = row[j + 1];
      row[j + 1] = std::min({replaced, corner + 1, row[j] + 1});
    }
  }
  return row.back();
}

// The text for which the '*' of the pattern stands ("" where it has none).
std::optional<std::string_view> capture(std::string_view pattern, std::string_view name) {
  size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == name ? std::optional<std::string_view>("") : std::nullopt;
  std::string_view head = pattern.substr(0, star), tail = pattern.substr(star + 1);
  if (name.size() < head.size() + tail.size() || !name.starts_with(head) || !name.ends_with(tail))
    return std::nullopt;
  return name.substr(star, name.size() - head.size() - tail.size());
}

class Loading {
 public:
  Loading(const NnccProgram &program, const std::filesystem::path &path,
          const WeightsMapping &mapping)
      : program(program), file(path), mapping(mapping), sources(parameters(program).size()),
        recurrentBiases(parameters(program).size()),
        renameUsed(mapping.rename.size()), skipUsed(mapping.skip.size()) {}

  LoadedWeights run(void *block) {
    for (const StoredTensor &tensor : file.tensors()) place(tensor);
    requireAllUsed();
    LoadedWeights loaded;
    loaded.preprocessing = preprocessingOf(file);
    for (size_t i = 0; i < sources.size(); ++i)
      if (sources[i]) read(parameters(program)[i], *sources[i], recurrentBiases[i], block, loaded);
    // Classes belong to the last layer: with another one in its place they are others.
    if (mapping.skip.empty()) loaded.classNames = classNamesOf(file);
    return loaded;
  }

 private:
  [[noreturn]] void fail(const std::string &what) const {
    throw UserError(quoted(file.path().string()) + ": " + what);
  }

  std::optional<size_t> parameterNamed(const std::string &name) const {
    for (size_t i = 0; i < sources.size(); ++i)
      if (parameters(program)[i].tensor.name == name) return i;
    return std::nullopt;
  }

  bool skipped(std::string_view name) {
    bool any = false;
    for (size_t i = 0; i < mapping.skip.size(); ++i)
      if (matches(mapping.skip[i], name)) skipUsed[i] = any = true;
    return any;
  }

  // By the entry that fits the whole name, else its longest part before a dot; of several the
  // one that says most.
  std::string renamed(const std::string &name) {
    for (size_t end = name.size(); end != std::string::npos && end > 0;
         end = name.rfind('.', end - 1)) {
      std::string_view part(name.data(), end);
      const std::pair<std::string, std::string> *best = nullptr;
      auto says = [](const std::string &pattern) {
        return pattern.size() + (pattern.find('*') == pattern.npos);
      };
      for (const auto &entry : mapping.rename)
        if (capture(entry.first, part) && (!best || says(entry.first) > says(best->first)))
          best = &entry;
      if (!best) continue;
      renameUsed[static_cast<size_t>(best - mapping.rename.data())] = true;
      std::string ours = best->second;
      if (size_t star = ours.find('*'); star != ours.npos)
        ours.replace(star, 1, *capture(best->first, part));
      return ours + name.substr(end);
    }
    return name;
  }

  // The parameter of a tensor that is called so here, or, in PyTorch's words, has such a leaf.
  std::optional<size_t> find(const std::string &name) const {
    if (auto found = parameterNamed(name)) return found;
    size_t dot = name.rfind('.');
    if (!mapping.pytorch || dot == name.npos) return std::nullopt;
    for (std::string_view leaf : ourLeaves(std::string_view(name).substr(dot + 1)))
      if (auto found = parameterNamed(name.substr(0, dot + 1) + std::string(leaf))) return found;
    return std::nullopt;
  }

  void place(const StoredTensor &tensor) {
    std::string ours = renamed(tensor.name);
    std::optional<size_t> index = find(ours);
    bool skip = skipped(tensor.name);
    if (index) skip |= skipped(parameters(program)[*index].tensor.name);
    bool book = mapping.pytorch && isBookkeeping(ours.substr(ours.rfind('.') + 1));
    if (skip || (book && !index)) return;
    bool recurrent = mapping.pytorch && isRecurrentBias(std::string_view(ours).substr(ours.rfind('.') + 1));
    if (!index || (recurrent && !PytorchLayout(program, parameters(program)[*index]).hasTwoBiases())) {
      unused.push_back(&tensor);
      return;
    }
    std::vector<const StoredTensor *> &taken = recurrent ? recurrentBiases : sources;
    if (taken[*index])
      fail("tensors " + quoted(taken[*index]->name) + " and " + quoted(tensor.name) +
           " are both '" + parameters(program)[*index].tensor.name +
           "' of the model; rename one of them or skip it");
    taken[*index] = &tensor;
  }

  void requireAllUsed() {
    std::vector<const NnccParameter *> missing;
    for (size_t i = 0; i < sources.size(); ++i) {
      const NnccParameter &parameter = parameters(program)[i];
      if (!skipped(parameter.tensor.name) && !isWhole(i)) missing.push_back(&parameter);
    }
    for (size_t i = 0; i < mapping.rename.size(); ++i)
      if (!renameUsed[i])
        fail("rename names " + quoted(mapping.rename[i].first) + ", but no tensor or layer of the "
             "file is called so" + nearestTensor(mapping.rename[i].first));
    if (!missing.empty() || !unused.empty()) failLeftOver(missing);
    for (size_t i = 0; i < mapping.skip.size(); ++i)
      if (!skipUsed[i])
        fail("skip names " + quoted(mapping.skip[i]) + ", which fits no weight of the model '" +
             program.name + "' and no tensor of the file; leave it out or mend it");
  }

  // Has the parameter all tensors that it is made of?
  bool isWhole(size_t i) const {
    bool two = mapping.pytorch && PytorchLayout(program, parameters(program)[i]).hasTwoBiases();
    return sources[i] && (!two || recurrentBiases[i]);
  }

  std::string nearestTensor(const std::string &name) const {
    auto closer = [&](const StoredTensor &a, const StoredTensor &b) {
      return distance(name, a.name) < distance(name, b.name);
    };
    auto nearest = std::min_element(file.tensors().begin(), file.tensors().end(), closer);
    return nearest == file.tensors().end() ? "; it holds no tensors"
                                           : "; the nearest is " + quoted(nearest->name);
  }

  [[noreturn]] void failLeftOver(const std::vector<const NnccParameter *> &missing) const {
    std::string text;
    for (size_t i = 0; i < std::min(missing.size(), kShown); ++i)
      text += (i ? ", " : "it has no tensors for ") + quoted(missing[i]->tensor.name) + " " +
              shapeText(shapeOf(missing[i]->tensor));
    if (missing.size() > kShown) text += " and " + std::to_string(missing.size() - kShown) + " more";
    for (size_t i = 0; i < std::min(unused.size(), kShown); ++i)
      text += (i ? ", " : std::string(text.empty() ? "" : "; ") + "the model '" + program.name +
                              "' has no weights for the file's ") +
              quoted(unused[i]->name) + " " + shapeText(unused[i]->shape);
    if (unused.size() > kShown) text += " and " + std::to_string(unused.size() - kShown) + " more";
    fail(text + "; " + hint(missing));
  }

  // A renaming that would do, if some tensor that is left over has as many elements.
  std::string hint(const std::vector<const NnccParameter *> &missing) const {
    for (const NnccParameter *parameter : missing)
      for (const StoredTensor *tensor : unused) {
        int64_t count = 1;
        for (int64_t size : tensor->shape) count *= size;
        if (count != elements(parameter->tensor)) continue;
        bool turned = !std::ranges::equal(tensor->shape, shapeOf(parameter->tensor));
        return "rename what has another name (" + tensor->name + " to " + parameter->tensor.name +
               "?)" + (turned && !mapping.pytorch ? ", with layout pytorch," : "") +
               " and skip what is to stay as it is";
      }
    return "rename what has another name and skip what is to stay as it is";
  }

  void requireShape(const NnccParameter &parameter, const PytorchLayout &layout, const StoredTensor &tensor) const {
    std::span<const int64_t> ours = shapeOf(parameter.tensor);
    std::span<const int64_t> expected =
        mapping.pytorch ? std::span<const int64_t>(layout.shape()) : ours;
    if (!std::ranges::equal(expected, tensor.shape))
      fail("tensor " + quoted(tensor.name) + " has shape " + shapeText(tensor.shape) + ", but '" +
           parameter.tensor.name + "' of the model expects " + shapeText(expected) +
           (mapping.pytorch && !std::ranges::equal(expected, ours)
                ? ", which is " + shapeText(ours) + " here" : "") +
           "; is it of another model, or in another layout?");
  }

  // `recurrentBias`: the second of PyTorch's two, or null.
  void read(const NnccParameter &parameter, const StoredTensor &tensor, const StoredTensor *recurrentBias, void *block,
            LoadedWeights &loaded) const {
    PytorchLayout layout(program, parameter);
    requireShape(parameter, layout, tensor);
    std::vector<double> numbers = readNumbers(file, tensor), others;
    if (recurrentBias) {
      requireShape(parameter, layout, *recurrentBias);
      others = readNumbers(file, *recurrentBias);
    }
    void *values = static_cast<std::byte *>(block) + parameter.offset;
    int64_t bad = 0;
    int64_t count = elements(parameter.tensor);
    for (int64_t i = 0; i < count; ++i) {
      int64_t place = mapping.pytorch ? layout.source(i) : i;
      int bias = recurrentBias ? layout.biasOf(i) : 0;
      double number = (bias != 1 ? numbers[place] : 0) + (bias != 0 ? others[place] : 0);
      if (parameter.tensor.type == NNCC_F64) static_cast<double *>(values)[i] = number;
      else static_cast<float *>(values)[i] = static_cast<float>(number);
      bad += !std::isfinite(number);
    }
    if (bad > 0)
      loaded.warnings.push_back(quoted(file.path().string()) + ": " + std::to_string(bad) + " of " +
                                std::to_string(count) + " values of " +
                                quoted(tensor.name) + " are not finite numbers");
  }

  const NnccProgram &program;
  SafetensorsFile file;
  const WeightsMapping &mapping;
  std::vector<const StoredTensor *> sources;  // of each parameter
  std::vector<const StoredTensor *> recurrentBiases;  // and what is added to a recurrent layer's bias
  std::vector<const StoredTensor *> unused;
  std::vector<bool> renameUsed, skipUsed;
};

}  // namespace

WeightsMapping mappingOf(const NnccWeights &weights) {
  WeightsMapping mapping;
  mapping.pytorch = weights.layout && std::string_view(weights.layout) == "pytorch";
  for (int i = 0; i < weights.num_rename; ++i)
    mapping.rename.emplace_back(weights.rename[i].key, weights.rename[i].text);
  for (int i = 0; i < weights.num_skip; ++i) mapping.skip.emplace_back(weights.skip[i]);
  return mapping;
}

WeightsFile startingWeights(const NnccProgram &program, const std::filesystem::path &dataDir) {
  if (!program.weights.path) return {};
  WeightsFile weights{(data::folderOf(dataDir) / program.weights.path).lexically_normal(),
                      mappingOf(program.weights)};
  std::error_code error;
  if (!std::filesystem::exists(weights.path, error))
    throw UserError("there is no weights file at '" + weights.path.string() + "', which the model '" +
                    program.name + "' starts from (section 'weights' of its YAML); put it there, or "
                    "name another with --weights-in or its folder with --data");
  return weights;
}

LoadedWeights loadWeights(const NnccProgram &program, const WeightsFile &weights,
                          void *parameters) {
  return weights.mapping.empty() ? loadWeights(program, weights.path, parameters)
                                 : loadMapped(program, weights.path, weights.mapping, parameters);
}

bool matches(std::string_view pattern, std::string_view name) {
  size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  std::string_view rest = pattern.substr(star + 1);
  for (size_t at = star; at <= name.size(); ++at)
    if (matches(rest, name.substr(at))) return true;
  return false;
}

LoadedWeights loadMapped(const NnccProgram &program, const std::filesystem::path &path,
                         const WeightsMapping &mapping, void *parameters) {
  return Loading(program, path, mapping).run(parameters);
}

}  // namespace nncc::train
