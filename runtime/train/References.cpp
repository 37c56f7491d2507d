#include "train/References.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "error.h"
#include "train/Safetensors.h"
#include "train/Weights.h"

namespace nncc::train {

namespace {

constexpr const char *kTensor = "embeddings";
constexpr const char *kNames = "names";
constexpr const char *kWeights = "weights";
constexpr const char *kLimit = "limit";
constexpr const char *kChecksum = "checksum";

std::string hex(uint64_t value, int digits) {
  char text[17];
  std::snprintf(text, sizeof text, "%0*llx", digits, static_cast<unsigned long long>(value));
  return text;
}

[[noreturn]] void refuse(const std::filesystem::path &path, const std::string &why) {
  throw UserError("'" + path.string() + "' is damaged: " + why +
                  "; delete it and enroll its classes again");
}

const std::string &textOf(const SafetensorsFile &file, const char *key) {
  auto found = file.metadata().find(key);
  if (found == file.metadata().end())
    throw UserError("'" + file.path().string() + "' is no file of references: it has no metadata '" + key + "'");
  return found->second;
}

// Shortest text that gives the number again.
std::string numberText(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace

std::string weightsFingerprint(const NnccProgram &program, const void *parameters) {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a, eight bytes at a time
  auto add = [&](uint64_t word) { hash = (hash ^ word) * 0x100000001b3u, hash ^= hash >> 29; };
  for (const TensorView &tensor : parameterViews(program, parameters)) {
    for (char letter : tensor.name) add(static_cast<unsigned char>(letter));
    const auto *bytes = static_cast<const unsigned char *>(tensor.data);
    for (int64_t at = 0; at < tensor.bytes; at += 4) {
      uint64_t word = 0;
      for (int64_t i = 0; i < std::min<int64_t>(4, tensor.bytes - at); ++i) word |= uint64_t{bytes[at + i]} << (8 * i);
      add(word);
    }
  }
  return hex(hash, 16);
}

std::string References::checksum() const {
  uLong value = crc32_z(0, nullptr, 0);
  auto add = [&](const void *data, size_t bytes) {
    value = crc32_z(value, static_cast<const unsigned char *>(data), bytes);
  };
  for (const std::string &text : {classNamesText(names), weights, limit ? numberText(*limit) : std::string()})
    add(text.c_str(), text.size() + 1);
  add(embeddings.data(), embeddings.size() * sizeof(float));
  return hex(value, 8);
}

References References::load(const std::filesystem::path &path, int64_t values, const std::string &weights) {
  References references(values, weights);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return references;
  SafetensorsFile file(path);
  const std::string &made = textOf(file, kWeights), &names = textOf(file, kNames), &sum = textOf(file, kChecksum);
  try {
    references.names = nlohmann::json::parse(names).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception &) {
    refuse(path, "its names are no JSON list");
  }
  if (auto limit = file.metadata().find(kLimit); limit != file.metadata().end()) {
    const std::string &text = limit->second;
    double number = 0;
    auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (wrong != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
      refuse(path, "its limit is no number");
    references.limit = number;
  }
  auto examples = static_cast<int64_t>(references.names.size());
  int64_t stored = 0;
  if (const StoredTensor *tensor = file.find(kTensor)) {
    if (tensor->dtype != "F32" || tensor->shape.size() != 2 || tensor->shape[0] != examples)
      refuse(path, "its embeddings are not those of " + std::to_string(examples) + " names");
    stored = tensor->shape[1];
    references.embeddings.resize(static_cast<size_t>(examples * stored));
    file.read(*tensor, references.embeddings.data());
  } else if (examples > 0) {
    refuse(path, "it has names, but no embeddings");
  }
  references.weights = made;  // of which the checksum is
  if (references.checksum() != sum) refuse(path, "its content has checksum " + references.checksum() + ", where " + sum + " is expected");
  if (made != weights || (examples > 0 && stored != values))
    throw UserError("'" + path.string() + "' holds references that other weights made (" + made + ", these are " + weights +
                    "): distances between them mean nothing; delete it and enroll its classes again");
  return references;
}

void References::save(const std::filesystem::path &path) const {
  Metadata metadata{{kNames, classNamesText(names)}, {kWeights, weights}, {kChecksum, checksum()}};
  if (limit) metadata[kLimit] = numberText(*limit);
  int64_t shape[] = {static_cast<int64_t>(names.size()), size};
  std::vector<TensorView> tensors;
  if (!names.empty())
    tensors.push_back({kTensor, NNCC_F32, shape, embeddings.data(),
                       static_cast<int64_t>(embeddings.size() * sizeof(float))});
  writeSafetensors(path, tensors, metadata);
}

void References::add(const std::string &name, std::span<const float> embedding) {
  names.push_back(name);
  embeddings.insert(embeddings.end(), embedding.begin(), embedding.end());
}

int64_t References::forget(const std::string &name) {
  std::vector<std::string> kept;
  std::vector<float> keptEmbeddings;
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) continue;
    kept.push_back(names[i]);
    keptEmbeddings.insert(keptEmbeddings.end(), embeddings.begin() + i * size, embeddings.begin() + (i + 1) * size);
  }
  auto forgotten = static_cast<int64_t>(names.size() - kept.size());
  names = std::move(kept);
  embeddings = std::move(keptEmbeddings);
  return forgotten;
}

std::vector<References::Class> References::classes() const {
  std::map<std::string, int64_t> counts;
  for (const std::string &name : names) ++counts[name];
  std::vector<Class> list;
  for (const auto &[name, examples] : counts) list.push_back({name, examples});
  return list;
}

References::Nearest References::nearest(
    const std::function<double(std::span<const float> example)> &distance) const {
  size_t best = 0;
  double least = INFINITY;
  for (size_t i = 0; i < names.size(); ++i) {
    double found = distance(std::span(embeddings).subspan(i * static_cast<size_t>(size), static_cast<size_t>(size)));
    if (found < least) least = found, best = i;
  }
  return {names.at(best), least, !limit || least <= *limit};
}

}  // namespace nncc::train
