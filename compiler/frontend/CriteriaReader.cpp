//===- CriteriaReader.cpp - losses, their weights, metrics -----------------===//
//
// `loss` is one loss, of the first output, or a map from names of outputs to theirs; metrics
// and weights then go by the same names.
//
//===----------------------------------------------------------------------===//
#include "frontend/CriteriaReader.h"
#include "frontend/Choice.h"

using namespace mlir;

namespace nncc::frontend {

// More classes than anyone has; a typing mistake must not ask for gigabytes.
static constexpr int64_t mostClasses = 65536;

namespace {

class CriteriaReader {
public:
  CriteriaReader(Model &model, Diagnostics &diagnostics, OptionReader &reader)
      : model(model), diagnostics(diagnostics), reader(reader) {}

  void readAllLosses(const Node &train) {
    if (const Node *loss = train.find("loss"))
      readLosses(*loss);
    else
      diagnostics.error(train.mark) << "section 'train' needs a loss; known: " << join(namesOf(nn::losses()));
    if (const Node *weights = train.find("loss_weights")) readLossWeights(*weights);
    if (const Node *weights = train.find("class_weight")) readClassWeights(*weights);
    if (const Node *missing = train.find("missing_targets")) readMissingTargets(*missing);
  }

  void readAllMetrics(const Node &train) {
    if (const Node *metrics = train.find("metrics")) readMetrics(*metrics);
  }

private:
  std::vector<StringRef> outputNames() const {
    std::vector<StringRef> names;
    for (Source output : model.outputs) names.push_back(model.nameOf(output));
    return names;
  }

  // The number of the output that `name` names; an error says where it stands: "loss".
  std::optional<size_t> outputOf(const Node &name, StringRef where) {
    auto names = outputNames();
    auto found = llvm::find(names, StringRef(name.text));
    if (found != names.end()) return found - names.begin();
    diagnostics.error(name.mark) << where << ": no output is called " << quote(name.text)
                                 << suggestion(name.text, names);
    return std::nullopt;
  }

  JudgedOutput *judgedBy(size_t output) {
    auto found = llvm::find_if(model.judged, [&](auto &judged) { return judged.output == output; });
    return found == model.judged.end() ? nullptr : &*found;
  }

  // {huber: {delta: 2}} is a loss, {age: huber, kind: ...} are losses of outputs.
  bool isByOutput(const Node &node) const {
    if (!node.isMap() || (node.entries.size() == 1 && nn::find(nn::losses(), node.entries[0].key.text)))
      return false;
    auto names = outputNames();
    return llvm::any_of(node.entries, [&](const Entry &entry) {
      return llvm::is_contained(names, StringRef(entry.key.text));
    });
  }

  void readLosses(const Node &node) {
    model.lossesByOutput = isByOutput(node);
    if (!model.lossesByOutput) {
      model.judged.push_back({0, choose(diagnostics, reader, node, "loss", nn::losses())});
      return;
    }
    for (const Entry &entry : node.entries)
      if (auto output = outputOf(entry.key, "loss"))
        model.judged.push_back({*output, choose(diagnostics, reader, entry.value, "loss", nn::losses())});
  }

  void readLossWeights(const Node &node) {
    if (!node.isMap() || !model.lossesByOutput) {
      diagnostics.error(node.mark) << "loss_weights is "
                                   << (node.isMap() ? "here, but the loss is that of one output" : node.describe())
                                   << "; expected {OUTPUT: weight, ...} beside loss: {OUTPUT: LOSS, ...}";
      return;
    }
    for (const Entry &entry : node.entries) {
      auto output = outputOf(entry.key, "loss_weights");
      if (!output) continue;
      JudgedOutput *judged = judgedBy(*output);
      auto weight = numberIn(entry.value);
      if (!judged)
        diagnostics.error(entry.key.mark) << "loss_weights: output " << quote(entry.key.text) << " has no loss";
      else if (!weight)
        diagnostics.error(entry.value.mark) << "loss_weights: the weight of " << quote(entry.key.text) << " is "
                                            << entry.value.describe() << "; expected a number above 0";
      else
        judged->weight = *weight;
    }
  }

  // Outputs whose target a sample may lack.
  void readMissingTargets(const Node &node) {
    if (!node.isList() || node.items.empty()) {
      diagnostics.error(node.mark) << "missing_targets is " << (node.isList() ? "an empty list" : node.describe())
                                   << "; expected a list of outputs, such as [box, speed]";
      return;
    }
    if (model.judged.size() < 2) {
      diagnostics.error(node.mark) << "missing_targets is here, but only one output has a loss; expected several, "
                                      "loss: {OUTPUT: LOSS, ...}: a sample without its only target is to be left out";
      return;
    }
    for (const Node &item : node.items) {
      auto output = outputOf(item, "missing_targets");
      if (!output) continue;
      JudgedOutput *judged = judgedBy(*output);
      if (!judged) {
        diagnostics.error(item.mark) << "missing_targets: output " << quote(item.text) << " has no loss";
      } else if (judged->loss.spec && judged->loss.spec->ofBatch) {
        diagnostics.error(item.mark) << "missing_targets: loss '" << judged->loss.spec->name << "' of output "
                                     << quote(item.text)
                                     << " compares the samples of a batch, so that all need a target; leave it out";
      } else {
        judged->missing = true;
      }
    }
  }

  // A number above 0, or from 0 on where `zero` may be.
  static std::optional<double> numberIn(const Node &node, bool zero = false) {
    auto number = node.isScalar() && !node.quoted ? parseNumber(node.text) : std::nullopt;
    return number && (*number > 0 || (zero && *number == 0)) ? number : std::nullopt;
  }

  void readClassWeights(const Node &node) {
    if (model.judged.size() != 1 || (model.judged[0].loss.spec && !model.judged[0].loss.spec->weighsClasses)) {
      diagnostics.error(node.mark)
          << "class_weight is here, but "
          << (model.judged.size() == 1 ? "loss '" + model.judged[0].loss.spec->name + "' knows no classes"
                                       : "there are several losses")
          << "; expected one loss, a crossentropy";
      return;
    }
    if (node.isList() && !node.items.empty() && node.items.size() <= size_t(mostClasses)) {
      for (auto [number, item] : llvm::enumerate(node.items)) addClassWeight(number, item);
    } else if (node.isMap() && !node.entries.empty()) {
      for (const Entry &entry : node.entries) {
        auto number = entry.key.quoted ? std::nullopt : parseInteger(entry.key.text);
        if (number && *number >= 0 && *number < mostClasses)
          addClassWeight(*number, entry.value);
        else
          diagnostics.error(entry.key.mark) << "class_weight has the class " << quote(entry.key.text)
                                            << "; expected the number of a class, from 0";
      }
    } else {
      diagnostics.error(node.mark) << "class_weight is " << node.describe()
                                   << "; expected a list of weights, or {CLASS NUMBER: weight, ...}";
    }
  }

  void addClassWeight(size_t number, const Node &node) {
    if (model.classWeights.size() <= number) model.classWeights.resize(number + 1, 1.0);
    if (auto weight = numberIn(node, /*zero=*/true))
      model.classWeights[number] = *weight;
    else
      diagnostics.error(node.mark) << "class_weight: the weight of class " << number << " is " << node.describe()
                                   << "; expected a number of at least 0";
  }

  void readMetrics(const Node &node) {
    if (node.isMap() && model.lossesByOutput) {
      for (const Entry &entry : node.entries) {
        auto output = outputOf(entry.key, "metrics");
        if (!output) continue;
        if (JudgedOutput *judged = judgedBy(*output))
          readMetrics(entry.value, *judged);
        else
          diagnostics.error(entry.key.mark) << "metrics: output " << quote(entry.key.text)
                                            << " has no loss, and so no target to compare it with";
      }
    } else if (model.lossesByOutput) {
      diagnostics.error(node.mark) << "metrics is " << node.describe()
                                   << ", but the losses go by output; expected {OUTPUT: [accuracy], ...}";
    } else {
      JudgedOutput nobody; // after an error in the loss
      readMetrics(node, model.judged.empty() ? nobody : model.judged[0]);
    }
  }

  void readMetrics(const Node &node, JudgedOutput &judged) {
    if (!node.isList()) {
      diagnostics.error(node.mark) << "metrics is " << node.describe() << "; expected a list such as [accuracy]";
      return;
    }
    for (const Node &item : node.items) {
      auto metric = choose(diagnostics, reader, item, "metric", nn::metrics());
      if (!metric.spec) continue;
      if (llvm::any_of(judged.metrics, [&](auto &other) { return other.spec == metric.spec; }))
        diagnostics.error(metric.mark) << "metric '" << metric.spec->name << "' is here twice; leave one out";
      else
        judged.metrics.push_back(std::move(metric));
    }
  }

  Model &model;
  Diagnostics &diagnostics;
  OptionReader &reader;
};

} // namespace

void readLosses(const Node &train, Model &model, Diagnostics &diagnostics, OptionReader &reader) {
  CriteriaReader(model, diagnostics, reader).readAllLosses(train);
}

void readMetrics(const Node &train, Model &model, Diagnostics &diagnostics, OptionReader &reader) {
  CriteriaReader(model, diagnostics, reader).readAllMetrics(train);
}

std::vector<std::string> loggedNames(const Model &model) {
  std::vector<std::string> names{"loss", "val_loss"};
  bool several = model.judged.size() > 1;
  for (const JudgedOutput &judged : model.judged) {
    std::string prefix = several ? model.nameOf(model.outputs[judged.output]) + "_" : "";
    if (several) names.insert(names.end(), {prefix + "loss", "val_" + prefix + "loss"});
    for (auto &metric : judged.metrics) {
      // Those over all samples are of the validation alone, and a table is no number.
      if (metric.spec->build) names.push_back(prefix + metric.spec->name);
      if (!metric.spec->isTable) names.push_back("val_" + prefix + metric.spec->name);
    }
  }
  return names;
}

} // namespace nncc::frontend
