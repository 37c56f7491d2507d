#include "data/CsvColumns.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "error.h"

namespace nncc::data {

using Json = nlohmann::ordered_json;

int64_t CsvColumns::size() const {
  int64_t size = 0;
  for (const CsvFeature &feature : features)
    size += feature.coding == CsvFeature::Coding::OneHot ? static_cast<int64_t>(feature.categories.size()) : 1;
  return size;
}

std::string CsvColumns::list() const {
  std::string text;
  auto add = [&](const std::string &name) { text += (text.empty() ? "" : ", ") + name; };
  for (const CsvFeature &feature : features) {
    if (feature.coding != CsvFeature::Coding::OneHot) add(feature.name);
    else
      for (const std::string &category : feature.categories) add(feature.name + "=" + category);
  }
  return text;
}

std::string CsvColumns::text() const {
  Json json = {{"reader", "csv"}, {"header", header}, {"width", width},
               {"features", Json::array()}, {"targets", Json::array()}};
  for (const CsvFeature &feature : features) {
    Json entry = {{"column", feature.name}, {"number", feature.number}};
    if (feature.isCategory()) entry["categories"] = feature.categories;
    else entry["fill"] = feature.fill;
    if (feature.coding == CsvFeature::Coding::Index) entry["index"] = true;
    json["features"].push_back(entry);
  }
  for (const CsvColumn &target : targets)
    json["targets"].push_back({{"column", target.name}, {"number", target.number}});
  if (!classes.empty()) json["classes"] = classes;
  try {
    return json.dump();
  } catch (const Json::exception &) {
    throw UserError("the names of columns and categories are not all UTF-8; save the CSV file as "
                    "UTF-8");
  }
}

CsvColumns CsvColumns::parse(const std::string &text) {
  try {
    Json json = Json::parse(text);
    if (json.at("reader") != "csv") throw UserError("");
    CsvColumns columns;
    columns.header = json.at("header");
    columns.width = json.at("width");
    for (const Json &entry : json.at("features")) {
      CsvFeature feature{{entry.at("column"), entry.at("number")}};
      if (entry.contains("categories")) {
        bool index = entry.value("index", false);
        feature.coding = index ? CsvFeature::Coding::Index : CsvFeature::Coding::OneHot;
        feature.categories = entry["categories"].get<std::vector<std::string>>();
      }
      if (!feature.isCategory()) feature.fill = entry.at("fill");
      if (feature.number < 0) throw UserError("");
      columns.features.push_back(std::move(feature));
    }
    for (const Json &entry : json.at("targets"))
      columns.targets.push_back({entry.at("column"), entry.at("number")});
    if (json.contains("classes")) columns.classes = json["classes"].get<std::vector<std::string>>();
    return columns;
  } catch (const std::exception &) {
    throw UserError("the weights' metadata 'preprocessing' doesn't tell how CSV columns become "
                    "features; were they made by another model?");
  }
}

namespace {

std::optional<int64_t> integer(const std::string &text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

void sortCategories(std::vector<std::string> &texts) {
  if (std::all_of(texts.begin(), texts.end(), [](const std::string &text) { return integer(text); }))
    std::sort(texts.begin(), texts.end(), [](const std::string &a, const std::string &b) {
      return std::pair(*integer(a), a) < std::pair(*integer(b), b);
    });
  else
    std::sort(texts.begin(), texts.end());
}

bool parseNumber(std::string_view text, double &value) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

}  // namespace nncc::data
