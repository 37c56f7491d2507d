// Changes model files as users, editors and broken disks do.
#include "Mutator.h"
#include <algorithm>
#include <cctype>

namespace nncc::fuzz {

uint64_t Random::next() { // splitmix64
  uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

namespace {

// Values that parsers, range checks and shape rules trip over.
const std::vector<std::string> nasty = {
    "0", "-1", "1", "2", "3", "7", "256", "4096", "65536", "1048576", "4294967296", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "1e99", "1e-99", "1e999", "2.5", "0.0", "-0", "1/0", "1/255", "0/0",
    ".nan", ".inf", "0x10", "1_000", "true", "false", "yes", "~", "null", "\"\"", "''", "\"32\"", "[]", "{}", "[[]]", "[1]",
    "[1, 1]", "[4096, 4096]", "[1, 2, 3]", "{a: b}", "[0, 0]", "relu", "softmax", "same", "valid", "adam", "input", "dense",
    "conv2d_1", "flatten", "&a", "*a", "&a [*a]", "!!str x", "! 3", "<<", "?", "-", ":", "|", ">", "%", "@", "`", "#", "\\",
    "\"\\x00\"", "\"\\ud800\"", "\"\\n\"", "- - -", "a: b: c", "\xef\xbb\xbf", "\xc3\xa9", "\xe2\x80\xa8", "\xff", "\xf0\x9f\x98\x80"};

const std::vector<std::string> keys = {
    "model", "input", "layers", "outputs", "train", "data", "validation", "test", "shape", "type", "scale", "offset", "name",
    "inputs", "trainable", "loss", "optimizer", "metrics", "batch_size", "epochs", "lanes", "conv2d", "dense", "max_pool2d",
    "flatten", "add", "activation", "filters", "kernel_size", "strides", "padding", "units", "use_bias", "pool_size",
    "kernel_initializer", "constant", "value", "adam", "learning_rate", "image_folder", "cifar10_binary", "path"};

const std::vector<std::string> lines = {
    "---", "...", "  - flatten:", "  - add: {inputs: [input, input]}", "  - dense: {units: 3, name: x}", "  - dense: {inputs: x, units: 3}",
    "outputs: [dense]", "outputs: [x, dense_1]", "\t", "%YAML 1.2", "%TAG ! x", "  - conv2d: {filters: 2, kernel_size: 1, padding: same}",
    "  - max_pool2d: {pool_size: 16, padding: same, strides: 1}", "  - activation: {activation: softmax}"};

bool inWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-'; }

// The words of the text, as [begin, end); keys only or not.
std::vector<std::pair<size_t, size_t>> wordsIn(const std::string &text, bool onlyKeys) {
  std::vector<std::pair<size_t, size_t>> words;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && inWord(text[end])) ++end;
    if (end == i) {
      ++i;
      continue;
    }
    if (!onlyKeys || (end < text.size() && text[end] == ':')) words.emplace_back(i, end);
    i = end;
  }
  return words;
}

std::vector<std::string> split(const std::string &text) {
  std::vector<std::string> result;
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    result.push_back(text.substr(begin, end - begin));
  if (begin < text.size()) result.push_back(text.substr(begin));
  return result;
}

std::string joined(const std::vector<std::string> &parts) {
  std::string text;
  for (auto &part : parts) text += part + "\n";
  return text;
}

std::string repeated(const std::string &part, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) text += part;
  return text;
}

std::string replaceWord(const std::string &text, bool key, const std::string &with, Random &random) {
  auto words = wordsIn(text, key);
  if (words.empty()) return text + with;
  auto [begin, end] = random.pick(words);
  return text.substr(0, begin) + with + text.substr(end);
}

std::string changeBytes(std::string text, Random &random) {
  size_t at = random.below(text.size()), length = 1 + random.below(random.below(4) ? 8 : 200);
  switch (random.below(5)) {
  case 0: if (!text.empty()) text[at] ^= 1 << random.below(8); return text;
  case 1: text.insert(at, 1, static_cast<char>(random.below(256))); return text;
  case 2: return text.erase(std::min(at, text.size()), length);
  case 3: return text.substr(0, at);
  default: {
    std::string part = text.substr(std::min(at, text.size()), length);
    return text.insert(random.below(text.size() + 1), part);
  }
  }
}

std::string changeLines(const std::string &text, Random &random) {
  auto parts = split(text);
  if (parts.empty()) return random.pick(lines);
  size_t first = random.below(parts.size()), second = random.below(parts.size());
  switch (random.below(6)) {
  case 0: std::swap(parts[first], parts[second]); break;
  case 1: parts.erase(parts.begin() + first); break;
  case 2: parts.insert(parts.begin() + second, std::string(parts[first])); break;
  case 3: parts.insert(parts.begin() + second, random.pick(lines)); break;
  case 4: parts[first].insert(0, 1 + random.below(4), random.below(8) ? ' ' : '\t'); break;
  default: parts[first].erase(0, 1 + random.below(3)); break;
  }
  return joined(parts);
}

std::string nest(const std::string &text, Random &random) {
  static const std::vector<std::pair<std::string, std::string>> brackets = {
      {"[", "]"}, {"{a: ", "}"}, {"- ", ""}, {"? ", ""}, {"[{a: [", "]}]"}, {"\n", ""}, {"&a ", ""}, {"\"", "\""}};
  auto &[open, close] = random.pick(brackets);
  size_t depth = random.below(4) ? 1 + random.below(40) : random.below(20000);
  return replaceWord(text, false, repeated(open, depth) + "1" + repeated(random.below(2) ? close : "", depth), random);
}

} // namespace

std::string mutate(const std::string &text, const std::vector<std::string> &corpus, Random &random) {
  std::string result = text;
  for (size_t changes = 1 + random.below(4); changes-- > 0;) {
    switch (random.below(12)) {
    case 0:
    case 1: result = changeBytes(std::move(result), random); break;
    case 2:
    case 3: result = changeLines(result, random); break;
    case 4:
    case 5:
    case 6:
    case 7: result = replaceWord(result, false, random.pick(nasty), random); break;
    case 8:
    case 9: result = replaceWord(result, true, random.pick(keys), random); break;
    case 10: result = nest(result, random); break;
    default: {
      const std::string &other = random.pick(corpus);
      result = result.substr(0, random.below(result.size() + 1)) + other.substr(random.below(other.size()));
    }
    }
  }
  return result;
}

} // namespace nncc::fuzz
