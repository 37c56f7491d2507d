// Kernel specifications as text and back. The text is stable (keys sorted, numbers in
// shortest round-trip form), because its hash names kernels and keys the object cache.
#include "schedule/KernelSpec.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace nncc::schedule {

using Json = nlohmann::json;

int64_t sizeInBytes(ElementType type) {
  switch (type) {
  case ElementType::U8:
    return 1;
  case ElementType::I32:
  case ElementType::F32:
    return 4;
  case ElementType::I64:
  case ElementType::F64:
    return 8;
  }
  throw std::logic_error("element type out of range");
}

const char *name(ElementType type) {
  switch (type) {
  case ElementType::U8:
    return "u8";
  case ElementType::I32:
    return "i32";
  case ElementType::I64:
    return "i64";
  case ElementType::F32:
    return "f32";
  case ElementType::F64:
    return "f64";
  }
  throw std::logic_error("element type out of range");
}

static ElementType elementTypeFrom(const std::string &text) {
  for (ElementType type : {ElementType::U8, ElementType::I32, ElementType::I64, ElementType::F32,
                           ElementType::F64})
    if (text == name(type))
      return type;
  throw std::runtime_error("unknown element type '" + text + "'; expected u8, i32, i64, f32 or f64");
}

int64_t TensorType::elements() const {
  int64_t product = 1;
  for (int64_t extent : shape)
    product *= extent;
  return product;
}

int64_t TensorType::bytes() const { return elements() * sizeInBytes(element); }

bool KernelSpec::accumulates() const {
  for (const Result &result : results)
    if (result.accumulate)
      return true;
  return false;
}

const TensorType &KernelSpec::typeOf(ValueRef value) const {
  return value.argument ? arguments.at(value.node) : nodes.at(value.node).results.at(value.result);
}

int Target::vectorBytes() const {
  return level == "x86-64-v4" ? 64 : level == "x86-64-v3" ? 32 : 16;
}

int Target::vectorRegisters() const { return level == "x86-64-v4" ? 32 : 16; }

static Json toJsonValue(const TensorType &type) {
  Json json = {{"element", name(type.element)}, {"shape", type.shape}, {"sliced", type.sliced}};
  if (type.strided) json["strided"] = true;
  return json;
}

static TensorType tensorTypeFrom(const Json &json) {
  TensorType type;
  type.element = elementTypeFrom(json.at("element").get<std::string>());
  type.shape = json.at("shape").get<std::vector<int64_t>>();
  type.sliced = json.at("sliced").get<int>();
  type.strided = json.value("strided", false);
  for (int64_t extent : type.shape)
    if (extent < 1)
      throw std::runtime_error("an extent of " + std::to_string(extent) + "; expected at least 1");
  if (type.sliced < -1 || type.sliced >= static_cast<int>(type.shape.size()))
    throw std::runtime_error("sliced dimension " + std::to_string(type.sliced) +
                             " of a tensor of rank " + std::to_string(type.shape.size()));
  if (type.strided && type.sliced != 0)
    throw std::runtime_error("a strided tensor whose samples are not sliced");
  return type;
}

// An argument is written as [index], a node's result as [node, result].
static Json toJsonValue(const ValueRef &value) {
  return value.argument ? Json::array({value.node}) : Json::array({value.node, value.result});
}

static ValueRef valueRefFrom(const Json &json) {
  ValueRef value;
  value.argument = json.size() == 1;
  value.node = json.at(0).get<int>();
  value.result = value.argument ? 0 : json.at(1).get<int>();
  return value;
}

std::string KernelSpec::toJson() const {
  Json json;
  json["anchor"] = anchor;
  if (exact) json["exact"] = true;
  if (rare) json["rare"] = true;
  json["arguments"] = Json::array();
  for (const TensorType &argument : arguments)
    json["arguments"].push_back(toJsonValue(argument));
  json["nodes"] = Json::array();
  for (const Node &node : nodes) {
    Json entry = {{"op", node.op}, {"attributes", node.attributes}};
    entry["operands"] = Json::array();
    for (const ValueRef &operand : node.operands)
      entry["operands"].push_back(toJsonValue(operand));
    entry["results"] = Json::array();
    for (const TensorType &result : node.results)
      entry["results"].push_back(toJsonValue(result));
    json["nodes"].push_back(entry);
  }
  json["results"] = Json::array();
  for (const Result &result : results)
    json["results"].push_back({{"value", toJsonValue(result.value)},
                               {"accumulate", result.accumulate},
                               {"in_place", result.inPlace}});
  return json.dump(1) + "\n";
}

// References must go backwards and exist; everything that depends on shapes is checked by
// the ops' algorithms, which know them.
static void checkReferences(const KernelSpec &spec) {
  auto check = [&](const ValueRef &value, int nodesBefore, const std::string &where) {
    bool exists = value.argument
                      ? value.node >= 0 && value.node < static_cast<int>(spec.arguments.size())
                      : value.node >= 0 && value.node < nodesBefore && value.result >= 0 &&
                            value.result < static_cast<int>(spec.nodes[value.node].results.size());
    if (!exists)
      throw std::runtime_error(where + " refers to " +
                               (value.argument ? "argument " : "a result of node ") +
                               std::to_string(value.node) + ", which is not there");
  };
  int count = static_cast<int>(spec.nodes.size());
  for (int i = 0; i < count; ++i)
    for (const ValueRef &operand : spec.nodes[i].operands)
      check(operand, i, "node " + std::to_string(i) + " (" + spec.nodes[i].op + ")");
  if (spec.results.empty())
    throw std::runtime_error("no results");
  for (size_t i = 0; i < spec.results.size(); ++i) {
    const Result &result = spec.results[i];
    std::string where = "result " + std::to_string(i);
    check(result.value, count, where);
    if (result.inPlace < -1 || result.inPlace >= static_cast<int>(spec.arguments.size()))
      throw std::runtime_error(where + " is in place of argument " +
                               std::to_string(result.inPlace) + ", which is not there");
    if (result.accumulate && result.inPlace >= 0)
      throw std::runtime_error(where + " both accumulates and is in place");
  }
  if (spec.anchor < -1 || spec.anchor >= count)
    throw std::runtime_error("the anchor is node " + std::to_string(spec.anchor) +
                             ", which is not there");
}

KernelSpec KernelSpec::fromJson(const std::string &text) {
  KernelSpec spec;
  try {
    Json json = Json::parse(text);
    spec.anchor = json.at("anchor").get<int>();
    spec.exact = json.value("exact", false);
    spec.rare = json.value("rare", false);
    for (const Json &argument : json.at("arguments"))
      spec.arguments.push_back(tensorTypeFrom(argument));
    for (const Json &entry : json.at("nodes")) {
      Node node;
      node.op = entry.at("op").get<std::string>();
      node.attributes = entry.at("attributes").get<Attributes>();
      for (const Json &operand : entry.at("operands"))
        node.operands.push_back(valueRefFrom(operand));
      for (const Json &result : entry.at("results"))
        node.results.push_back(tensorTypeFrom(result));
      spec.nodes.push_back(std::move(node));
    }
    for (const Json &entry : json.at("results")) {
      Result result;
      result.value = valueRefFrom(entry.at("value"));
      result.accumulate = entry.at("accumulate").get<bool>();
      result.inPlace = entry.at("in_place").get<int>();
      spec.results.push_back(result);
    }
    checkReferences(spec);
  } catch (const std::exception &error) {
    throw std::runtime_error(std::string("kernel specification: ") + error.what());
  }
  return spec;
}

bool KernelInfo::keeps() const {
  return std::find(kept.begin(), kept.end(), true) != kept.end();
}

std::string KernelInfo::toJson() const {
  Json json = {{"schedule", schedule},
               {"reference", reference},
               {"refusals", refusals},
               {"error_bound", errorBound},
               {"flops_per_sample", flopsPerSample}};
  json["scratch"] = Json::array();
  for (const TensorType &type : scratch)
    json["scratch"].push_back(toJsonValue(type));
  json["kept"] = kept;
  return json.dump(1) + "\n";
}

KernelInfo KernelInfo::fromJson(const std::string &text) {
  KernelInfo info;
  try {
    Json json = Json::parse(text);
    info.schedule = json.at("schedule").get<std::string>();
    info.reference = json.at("reference").get<bool>();
    info.refusals = json.at("refusals").get<std::vector<std::string>>();
    info.errorBound = json.at("error_bound").get<double>();
    info.flopsPerSample = json.at("flops_per_sample").get<double>();
    for (const Json &type : json.at("scratch"))
      info.scratch.push_back(tensorTypeFrom(type));
    info.kept = json.at("kept").get<std::vector<bool>>();
    if (info.kept.size() != info.scratch.size())
      throw std::runtime_error(std::to_string(info.kept.size()) + " flags of kept scratch for " +
                               std::to_string(info.scratch.size()) + " buffers");
  } catch (const std::exception &error) {
    throw std::runtime_error(std::string("kernel information: ") + error.what());
  }
  return info;
}

std::string toJson(const Target &target) {
  Json json = {{"level", target.level},
               {"cpu", target.cpu},
               {"l1_bytes", target.l1Bytes},
               {"l2_bytes", target.l2Bytes}};
  return json.dump(1) + "\n";
}

Target targetFromJson(const std::string &text) {
  Target target;
  try {
    Json json = Json::parse(text);
    target.level = json.at("level").get<std::string>();
    target.cpu = json.at("cpu").get<std::string>();
    target.l1Bytes = json.at("l1_bytes").get<int64_t>();
    target.l2Bytes = json.at("l2_bytes").get<int64_t>();
  } catch (const std::exception &error) {
    throw std::runtime_error(std::string("target: ") + error.what());
  }
  return target;
}

std::string hashOf(const std::string &text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char byte : text)
    hash = (hash ^ byte) * 0x100000001b3u;
  static const char digits[] = "0123456789abcdef";
  std::string hex(16, '0');
  for (int i = 15; i >= 0; --i, hash >>= 4)
    hex[i] = digits[hash & 15];
  return hex;
}

}  // namespace nncc::schedule
