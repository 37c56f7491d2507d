//===- OptionReader.cpp - options, checked by their declarations -----------===//
#include "frontend/OptionReader.h"
#include "frontend/Text.h"

using namespace mlir;

namespace nncc::frontend {

using nn::OptionKind;
using nn::OptionSpec;
using nn::OptionValue;

// An option that declares no bounds still has these: sizes and sums of sizes stay within 64
// bits, whatever a layer computes from them.
static constexpr double widest = 1 << 20;

// Of a list that declares no length: as many as a tensor may have dimensions.
static constexpr size_t longestList = 8;

// Of numbers in nested lists: how many there may be, and how deep lists may stand in lists.
static constexpr size_t mostNumbers = 1 << 20, mostNesting = 8;

// Of layers in a layer.
static constexpr size_t mostNestedLayers = 256;

static bool bounded(double bound) { return std::abs(bound) < 1e300; }

static bool isWhole(const OptionSpec &spec) {
  return spec.kind == OptionKind::Integer || spec.kind == OptionKind::Integers || spec.kind == OptionKind::Pairs;
}

static double lowest(const OptionSpec &spec) {
  return isWhole(spec) && !bounded(spec.minimum) ? -widest : spec.minimum;
}

static double highest(const OptionSpec &spec) {
  return isWhole(spec) && !bounded(spec.maximum) ? widest : spec.maximum;
}

static bool inRange(double value, const OptionSpec &spec) {
  return value >= lowest(spec) && value <= highest(spec);
}

// " from 1 to 64", " of at least 0", or "".
static std::string range(const OptionSpec &spec) {
  bool low = bounded(lowest(spec)), high = bounded(highest(spec));
  if (low && high) return " from " + formatNumber(lowest(spec)) + " to " + formatNumber(highest(spec));
  if (low) return " of at least " + formatNumber(lowest(spec));
  if (high) return " of at most " + formatNumber(highest(spec));
  return "";
}

static std::vector<StringRef> choicesOf(const OptionSpec &spec) {
  switch (spec.kind) {
  case OptionKind::Choice: return {spec.choices.begin(), spec.choices.end()};
  case OptionKind::Activation: return namesOf(nn::activations());
  case OptionKind::Initializer: return namesOf(nn::initializers());
  case OptionKind::Schedule: return namesOf(nn::schedules());
  case OptionKind::Boolean: return {"true", "false"};
  default: return {};
  }
}

static std::string expectation(const OptionSpec &spec) {
  switch (spec.kind) {
  case OptionKind::Integer: return "an integer" + range(spec);
  case OptionKind::Integers:
    if (spec.count == 0)
      return "a list of 1 to " + std::to_string(longestList) + " integers, each" + range(spec);
    return "an integer" + range(spec) + ", or a list of " + std::to_string(spec.count) + " such integers";
  case OptionKind::Pairs:
    if (spec.count == 1) return "an integer" + range(spec) + ", or a pair of such integers: [before, after]";
    return "an integer" + range(spec) + ", or a list of " + std::to_string(spec.count) +
           " such integers or pairs of them: [[before, after], ...]";
  case OptionKind::Number: return "a number" + range(spec);
  case OptionKind::NumberPair: return "a number" + range(spec) + ", or a list of 2 such numbers";
  case OptionKind::Probability: return "true, false or a probability from 0 to 1";
  case OptionKind::Array: return "a list of numbers, or lists of such lists, all of one length";
  case OptionKind::Boolean: return "true or false";
  case OptionKind::Choice: return spec.choices.size() == 1 ? spec.choices[0] : "one of " + join(choicesOf(spec));
  case OptionKind::Activation: return "an activation: one of " + join(choicesOf(spec));
  case OptionKind::Initializer: return "an initializer: its name, or {name: {options}}";
  case OptionKind::Text: return "a text that is not empty";
  case OptionKind::Texts: return "a text that is not empty, or a list of such texts";
  case OptionKind::Numbers: return "a list of numbers" + range(spec) + ", such as [0.1, 0.01]";
  case OptionKind::Options: return "{option: value, ...} of " + join(namesOf(ArrayRef(spec.inside)));
  case OptionKind::Schedule: return "a number" + range(spec) + ", or a schedule: {NAME: {options}}";
  case OptionKind::Layers: return "a layer such as {dense: {units: 8}}, or a list of layers";
  }
  llvm_unreachable("all kinds are above");
}

std::nullopt_t OptionReader::refuse(const Node &node, const Subject &subject, const OptionSpec &spec,
                                    const std::string &hint) {
  diagnostics.error(node.mark) << subject.text << ": option '" << spec.name << "' is "
                               << node.describe() << "; expected " << expectation(spec) << hint;
  return std::nullopt;
}

// What is added where quotes made a text of a number or of true and false.
static std::string quotesHint(const Node &node, bool fitsWithout) {
  return node.quoted && fitsWithout ? " without quotes" : "";
}

static std::optional<int64_t> integerIn(const Node &node, const OptionSpec &spec) {
  if (!node.isScalar() || node.quoted) return std::nullopt;
  auto value = parseInteger(node.text);
  if (!value || !inRange(static_cast<double>(*value), spec)) return std::nullopt;
  return value;
}

static std::optional<double> numberIn(const Node &node, const OptionSpec &spec) {
  auto value = node.isScalar() && !node.quoted ? parseNumber(node.text) : std::nullopt;
  return value && inRange(*value, spec) ? value : std::nullopt;
}

static std::optional<double> probabilityIn(const Node &node) {
  if (!node.isScalar() || node.quoted) return std::nullopt;
  if (node.text == "true") return 0.5;
  if (node.text == "false") return 0;
  auto value = parseNumber(node.text);
  return value && *value >= 0 && *value <= 1 ? value : std::nullopt;
}

// What may go through the program's constants: no control character but a tab, and no more than
// any name or path needs.
static std::optional<std::string> textIn(const Node &node) {
  auto control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; };
  if (!node.isScalar() || node.text.empty() || node.text.size() > 4096 || llvm::any_of(node.text, control))
    return std::nullopt;
  return node.text;
}

std::optional<OptionValue> OptionReader::readPairs(const Node &node, const Subject &subject,
                                                   const OptionSpec &spec) {
  // What stands for both numbers of a pair, or [before, after].
  auto readPair = [&](const Node &pair, std::vector<int64_t> &values) {
    bool list = pair.isList() && pair.items.size() == 2;
    for (int side : {0, 1}) {
      auto value = integerIn(list ? pair.items[side] : pair, spec);
      if (!value) return false;
      values.push_back(*value);
    }
    return true;
  };
  std::vector<int64_t> values;
  if (node.isScalar() || spec.count == 1) {
    if (!readPair(node, values)) return refuse(node, subject, spec);
    std::vector<int64_t> pair = values;
    for (int i = 1; i < spec.count; ++i) values.insert(values.end(), pair.begin(), pair.end());
    return values;
  }
  if (!node.isList() || node.items.size() != static_cast<size_t>(spec.count)) return refuse(node, subject, spec);
  for (const Node &item : node.items)
    if (!readPair(item, values)) return refuse(item, subject, spec);
  return values;
}

// Adds what `node` holds at depth `level` of nested lists; the first list of each depth says how
// long the others are.
bool OptionReader::addArray(const Node &node, size_t level, const Subject &subject, const OptionSpec &spec,
                              nn::Array &numbers) {
  if (!node.isList()) {
    auto value = node.isScalar() && !node.quoted ? parseNumber(node.text) : std::nullopt;
    bool here = level > 0 && level == numbers.shape.size();
    if (here && value && inRange(*value, spec) && numbers.values.size() < mostNumbers) {
      numbers.values.push_back(*value);
      return true;
    }
    auto error = diagnostics.error(node.mark);
    error << subject.text << ": option '" << spec.name << "' has " << node.describe() << " in its lists; expected ";
    if (here && value && numbers.values.size() == mostNumbers) error << "at most " << mostNumbers << " numbers";
    else if (here) error << "a number" << range(spec);
    else error << "a list: all numbers stand equally deep in them";
    return false;
  }
  int64_t length = node.items.size();
  // Numbers that stood before, in a list of this depth: it may not go deeper.
  bool deeper = level >= numbers.shape.size() && !numbers.values.empty();
  if (level >= numbers.shape.size() && !deeper) numbers.shape.push_back(length);
  if (length == 0 || level >= mostNesting || deeper || numbers.shape[level] != length) {
    auto error = diagnostics.error(node.mark);
    error << subject.text << ": option '" << spec.name << "' has a list of " << length << " here; expected ";
    if (length == 0) error << "numbers in it";
    else if (level >= mostNesting) error << "at most " << mostNesting << " lists in each other";
    else if (deeper) error << "a number: all numbers stand equally deep in their lists";
    else error << numbers.shape[level] << ", as in the first";
    return false;
  }
  return llvm::all_of(node.items, [&](const Node &item) { return addArray(item, level + 1, subject, spec, numbers); });
}

std::optional<OptionValue> OptionReader::readArray(const Node &node, const Subject &subject, const OptionSpec &spec) {
  if (!node.isList()) return refuse(node, subject, spec);
  nn::Array numbers;
  if (!addArray(node, 0, subject, spec, numbers)) return std::nullopt;
  return numbers;
}

template <typename Spec>
std::optional<OptionValue> OptionReader::readNamed(const Node &node, const Subject &subject, const OptionSpec &spec,
                                                   StringRef kind, ArrayRef<Spec> known) {
  bool named = node.isScalar() || (node.isMap() && node.entries.size() == 1);
  if (!named) return refuse(node, subject, spec);
  const Node &name = node.isScalar() ? node : node.entries[0].key;
  const Spec *found = nn::find(known, name.text);
  if (!found) {
    diagnostics.error(name.mark) << subject.text << ": option '" << spec.name << "': no " << kind << " is named "
                                 << quote(name.text) << suggestion(name.text, namesOf(known));
    return std::nullopt;
  }
  nn::Options options;
  Subject inner{subject.text + ": " + kind.str() + " '" + found->name + "'", name.mark, subject.location};
  const Node *written = node.isMap() ? &node.entries[0].value : nullptr;
  // A list is short for the only option that takes one.
  if (written && written->isList() && found->options.size() == 1 && found->options[0].kind == OptionKind::Array) {
    auto value = readArray(*written, inner, found->options[0]);
    if (!value) return std::nullopt;
    options.set(found->options[0].name, std::move(*value), diagnostics.at(written->mark));
    return toComponent(found->name, options);
  }
  if (!read(written, inner, found->options, {}, options)) return std::nullopt;
  if constexpr (std::is_same_v<Spec, nn::ScheduleSpec>)
    if (std::string complaint = found->complaint(options); !complaint.empty()) {
      diagnostics.error(name.mark) << inner.text << " " << complaint;
      return std::nullopt;
    }
  return toComponent(found->name, options);
}

std::optional<OptionValue> OptionReader::readValue(const Node &node, const Subject &subject,
                                                   const OptionSpec &spec) {
  switch (spec.kind) {
  case OptionKind::Integer:
    if (auto value = integerIn(node, spec)) return *value;
    return refuse(node, subject, spec, quotesHint(node, parseInteger(node.text).has_value()));

  case OptionKind::Integers: {
    std::vector<int64_t> values;
    if (node.isScalar() && spec.count) {
      auto value = integerIn(node, spec);
      if (!value) return refuse(node, subject, spec, quotesHint(node, parseInteger(node.text).has_value()));
      values.assign(spec.count, *value);
      return values;
    }
    if (!node.isList()) return refuse(node, subject, spec);
    bool fits = spec.count ? node.items.size() == static_cast<size_t>(spec.count)
                           : !node.items.empty() && node.items.size() <= longestList;
    if (!fits) {
      diagnostics.error(node.mark) << subject.text << ": option '" << spec.name << "' is a list of "
                                   << node.items.size() << "; expected " << expectation(spec);
      return std::nullopt;
    }
    for (const Node &item : node.items) {
      auto value = integerIn(item, spec);
      if (!value) {
        diagnostics.error(item.mark) << subject.text << ": option '" << spec.name << "' has "
                                     << item.describe() << " in its list; expected an integer" << range(spec);
        return std::nullopt;
      }
      values.push_back(*value);
    }
    return values;
  }

  case OptionKind::Pairs: return readPairs(node, subject, spec);

  case OptionKind::Number: {
    auto value = node.isScalar() ? parseNumber(node.text) : std::nullopt;
    if (value && !node.quoted && inRange(*value, spec)) return *value;
    return refuse(node, subject, spec, quotesHint(node, value.has_value()));
  }

  case OptionKind::NumberPair: {
    if (!node.isList()) {
      if (auto value = numberIn(node, spec)) return std::vector<double>(2, *value);
      return refuse(node, subject, spec, quotesHint(node, parseNumber(node.text).has_value()));
    }
    if (node.items.size() != 2) {
      diagnostics.error(node.mark) << subject.text << ": option '" << spec.name << "' is a list of "
                                   << node.items.size() << "; expected " << expectation(spec);
      return std::nullopt;
    }
    std::vector<double> values;
    for (const Node &item : node.items) {
      auto value = numberIn(item, spec);
      if (!value) {
        diagnostics.error(item.mark) << subject.text << ": option '" << spec.name << "' has "
                                     << item.describe() << " in its list; expected a number" << range(spec);
        return std::nullopt;
      }
      values.push_back(*value);
    }
    return values;
  }

  case OptionKind::Probability:
    if (auto value = probabilityIn(node)) return *value;
    return refuse(node, subject, spec);

  case OptionKind::Boolean:
    if (node.isScalar() && !node.quoted && (node.text == "true" || node.text == "false"))
      return node.text == "true";
    return refuse(node, subject, spec, quotesHint(node, node.text == "true" || node.text == "false"));

  case OptionKind::Choice:
  case OptionKind::Activation: {
    // A word left empty takes back an optional activation.
    if (node.isNull() && spec.kind == OptionKind::Activation && spec.defaultText && spec.defaultText->empty())
      return std::string();
    auto choices = choicesOf(spec);
    if (node.isScalar() && llvm::is_contained(choices, StringRef(node.text))) return node.text;
    StringRef close = node.isScalar() ? nearest(node.text, choices) : StringRef();
    return refuse(node, subject, spec, close.empty() ? "" : "; did you mean '" + close.str() + "'?");
  }

  case OptionKind::Text:
    if (auto text = textIn(node)) return *text;
    return refuse(node, subject, spec);

  case OptionKind::Texts: {
    std::vector<std::string> texts;
    if (node.isScalar()) {
      auto text = textIn(node);
      if (!text) return refuse(node, subject, spec);
      texts.push_back(*text);
      return texts;
    }
    if (!node.isList()) return refuse(node, subject, spec);
    for (const Node &item : node.items) {
      auto text = textIn(item);
      if (!text) {
        diagnostics.error(item.mark) << subject.text << ": option '" << spec.name << "' has " << item.describe()
                                     << " in its list; expected a text that is not empty";
        return std::nullopt;
      }
      texts.push_back(*text);
    }
    return texts;
  }

  case OptionKind::Initializer: return readNamed(node, subject, spec, "initializer", nn::initializers());

  case OptionKind::Numbers: {
    if (!node.isList() || node.items.empty()) return refuse(node, subject, spec);
    std::vector<double> values;
    for (const Node &item : node.items) {
      auto value = item.isScalar() && !item.quoted ? parseNumber(item.text) : std::nullopt;
      if (!value || !inRange(*value, spec)) {
        diagnostics.error(item.mark) << subject.text << ": option '" << spec.name << "' has " << item.describe()
                                     << " in its list; expected a number" << range(spec);
        return std::nullopt;
      }
      values.push_back(*value);
    }
    return values;
  }

  case OptionKind::Options: {
    if (!node.isMap()) return refuse(node, subject, spec);
    nn::Options options;
    Subject inner{subject.text + ": option '" + spec.name + "'", node.mark, subject.location};
    if (!read(&node, inner, spec.inside, {}, options)) return std::nullopt;
    return toComponent("", options);
  }

  case OptionKind::Schedule:
    if (node.isScalar() && !node.quoted)
      if (auto value = parseNumber(node.text)) {
        if (inRange(*value, spec)) return *value;
        return refuse(node, subject, spec);
      }
    if (!node.isMap() && !(node.isScalar() && nn::find(nn::schedules(), node.text)))
      return refuse(node, subject, spec, quotesHint(node, parseNumber(node.text).has_value()));
    return readNamed(node, subject, spec, "schedule", nn::schedules());

  case OptionKind::Array: return readArray(node, subject, spec);
  case OptionKind::Layers: return readLayers(node, subject, spec);
  }
  llvm_unreachable("all kinds are above");
}

// {KIND: {options}}, or just KIND where the defaults will do. They have no names and no inputs of their own: each
// reads the one before it.
std::optional<OptionValue> OptionReader::readLayers(const Node &node, const Subject &subject, const OptionSpec &spec) {
  if (node.isList() && (node.items.empty() || node.items.size() > mostNestedLayers)) {
    diagnostics.error(node.mark) << subject.text << ": option '" << spec.name << "' is a list of " << node.items.size()
                                 << "; expected 1 to " << mostNestedLayers << " layers";
    return std::nullopt;
  }
  auto layers = std::make_shared<std::vector<nn::NestedLayer>>();
  bool good = true;
  for (const Node &item : node.isList() ? ArrayRef(node.items) : ArrayRef(node)) {
    if (!(item.isScalar() || (item.isMap() && item.entries.size() == 1))) {
      refuse(item, subject, spec);
      good = false;
      continue;
    }
    const Node &kind = item.isScalar() ? item : item.entries[0].key;
    const nn::LayerSpec *found = nn::find(nn::layers(), kind.text);
    if (!found) {
      diagnostics.error(kind.mark) << subject.text << ": option '" << spec.name << "': no layer is called "
                                   << quote(kind.text) << suggestion(kind.text, namesOf(nn::layers()));
      good = false;
      continue;
    }
    Location location = diagnostics.at(kind.mark);
    Subject inner{subject.text + ": layer '" + found->name + "'", kind.mark, location};
    if (found->minInputs > 1) {
      diagnostics.error(kind.mark) << inner.text << " wants " << found->minInputs
                                   << " inputs; expected a layer that reads one";
      good = false;
      continue;
    }
    nn::NestedLayer layer{found, {}, location};
    good &= read(item.isMap() ? &item.entries[0].value : nullptr, inner, found->options, {}, layer.options);
    layers->push_back(std::move(layer));
  }
  if (!good) return std::nullopt;
  return nn::NestedLayers(std::move(layers));
}

OptionValue OptionReader::defaultValue(const OptionSpec &spec, const Subject &subject) {
  if (spec.defaultText->empty()) {
    switch (spec.kind) {
    case OptionKind::Choice:
    case OptionKind::Text:
    case OptionKind::Activation: return std::string();
    case OptionKind::Texts: return std::vector<std::string>();
    case OptionKind::Integers:
    case OptionKind::Pairs: return std::vector<int64_t>();
    default: return std::monostate();
    }
  }
  std::vector<Problem> problems;
  std::optional<Node> node = parseYaml(*spec.defaultText, problems);
  assert(node && problems.empty() && "a default is YAML");
  auto value = readValue(*node, subject, spec);
  assert(value && "a default suits its own declaration");
  return std::move(*value);
}

bool OptionReader::read(const Node *node, const Subject &subject, ArrayRef<OptionSpec> specs,
                        ArrayRef<StringRef> others, nn::Options &options) {
  if (node && node->isNull()) node = nullptr;
  if (node && !node->isMap()) {
    diagnostics.error(node->mark) << subject.text << " is followed by " << node->describe()
                                  << "; expected its options: {option: value, ...}";
    return false;
  }

  bool good = true;
  if (node)
    for (const Entry &entry : node->entries) {
      StringRef key = entry.key.text;
      if (nn::find(specs, key) || llvm::is_contained(others, key)) continue;
      auto known = namesOf(specs);
      known.insert(known.end(), others.begin(), others.end());
      diagnostics.error(entry.key.mark) << subject.text << " has no option " << quote(key)
                                        << suggestion(key, known);
      good = false;
    }
  for (const OptionSpec &spec : specs) {
    const Node *written = node ? node->find(spec.name) : nullptr;
    if (written) {
      if (auto value = readValue(*written, subject, spec))
        options.set(spec.name, std::move(*value), diagnostics.at(written->mark));
      else
        good = false;
    } else if (spec.defaultText) {
      options.set(spec.name, defaultValue(spec, subject), subject.location);
    } else {
      diagnostics.error(subject.mark) << subject.text << " needs the option '" << spec.name << "' ("
                                      << spec.doc << "): " << expectation(spec);
      good = false;
    }
  }
  return good;
}

nn::Component toComponent(StringRef name, const nn::Options &options) {
  nn::Component component{name.str(), {}};
  for (auto &[key, entry] : options.all()) {
    if (auto *number = std::get_if<double>(&entry.value))
      component.numbers.emplace_back(key, *number);
    else if (auto *integer = std::get_if<int64_t>(&entry.value))
      component.numbers.emplace_back(key, static_cast<double>(*integer));
    else if (auto *boolean = std::get_if<bool>(&entry.value))
      component.numbers.emplace_back(key, *boolean ? 1 : 0);
    else if (auto *text = std::get_if<std::string>(&entry.value)) {
      if (!text->empty()) component.texts.emplace_back(key, *text);
    } else if (auto *array = std::get_if<nn::Array>(&entry.value))
      component.arrays.emplace_back(key, *array);
    else if (auto *list = std::get_if<std::vector<double>>(&entry.value))
      component.lists.emplace_back(key, *list);
    else
      assert(std::holds_alternative<std::monostate>(entry.value) && "components hold no components");
  }
  return component;
}

DictionaryAttr toAttribute(MLIRContext *context, StringRef name, const nn::Options &options) {
  Builder builder(context);
  NamedAttrList attributes;
  attributes.set("name", builder.getStringAttr(name));
  for (auto &[key, entry] : options.all()) {
    if (auto *integer = std::get_if<int64_t>(&entry.value))
      attributes.set(key, builder.getI64IntegerAttr(*integer));
    else if (auto *integers = std::get_if<std::vector<int64_t>>(&entry.value)) {
      if (!integers->empty()) attributes.set(key, builder.getDenseI64ArrayAttr(*integers));
    } else if (auto *numbers = std::get_if<std::vector<double>>(&entry.value))
      attributes.set(key, builder.getDenseF64ArrayAttr(*numbers));
    else if (auto *number = std::get_if<double>(&entry.value))
      attributes.set(key, builder.getF64FloatAttr(*number));
    else if (auto *boolean = std::get_if<bool>(&entry.value))
      attributes.set(key, builder.getBoolAttr(*boolean));
    else if (auto *text = std::get_if<std::string>(&entry.value)) {
      if (!text->empty()) attributes.set(key, builder.getStringAttr(*text));
    } else if (auto *texts = std::get_if<std::vector<std::string>>(&entry.value)) {
      SmallVector<StringRef> items(texts->begin(), texts->end());
      if (!items.empty()) attributes.set(key, builder.getStrArrayAttr(items));
    } else if (auto *array = std::get_if<nn::Array>(&entry.value))
      attributes.set(key, array->toAttribute(context));
    else if (auto *component = std::get_if<nn::Component>(&entry.value))
      attributes.set(key, component->toAttribute(context));
  }
  return attributes.getDictionary(context);
}

} // namespace nncc::frontend
