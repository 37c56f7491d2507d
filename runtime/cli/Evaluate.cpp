#include <algorithm>

#include "cli/Commands.h"
#include "cli/Embedder.h"
#include "error.h"
#include "report/AtomicFile.h"
#include "report/Progress.h"
#include "report/Text.h"
#include "train/ConfusionTables.h"
#include "train/DataParts.h"
#include "train/Evaluation.h"
#include "train/ForecastPlots.h"
#include "train/Program.h"
#include "train/References.h"

namespace nncc::cli {

namespace {

// The distance that tells known from unknown classes best, or pairs of one class from others, for `predict`.
void keepLimit(const NnccProgram &program, train::Model &model,
               const std::vector<train::OverallMetrics::Limit> &limits, const std::filesystem::path &path,
               report::Progress &progress) {
  if (!comparesSamples(program) || path.empty()) return;
  int64_t output = train::embeddingOutput(program);
  const NnccEntry &entry = train::requireEntry(program, NNCC_PREDICT, "predict");
  for (const train::OverallMetrics::Limit &limit : limits) {
    if (limit.name.find("raw_") != limit.name.npos) continue;
    const NnccTensor &kept = output < 0 ? entry.inputs[0] : entry.outputs[output];
    train::References references = train::References::load(path, train::elements(kept),
                                                           train::weightsFingerprint(program, model.parameters()));
    references.limit = limit.distance;
    if (path.has_parent_path()) report::makeFolder(path.parent_path());
    references.save(path);
    const char *meaning = output < 0 ? "The same up to a distance of " : "Unknown beyond a distance of ";
    progress.line(meaning + report::fixed(limit.distance, 4) + ": kept in " + path.string());
    return;
  }
}

}  // namespace

void evaluate(const NnccProgram &program, const EvaluateOptions &options) {
  using train::DataParts;
  const NnccEntry &entry = train::requireEntry(program, NNCC_EVALUATE, "evaluate");
  DataParts parts(program, entry, options.dataDir);
  if (!parts.has(DataParts::Test) && !parts.has(DataParts::Validation))
    throw UserError("model '" + std::string(program.name) +
                    "' has no test set; add `test` to the `data` section of its YAML");
  DataParts::Part part = parts.has(DataParts::Test) ? DataParts::Test : DataParts::Validation;

  train::Model model(program, options.threads, {NNCC_EVALUATE});
  train::LoadedWeights weights = fillWeights(program, model, options.weights, false);
  report::Progress progress;
  parts.setPreprocessing(weights.preprocessing);
  parts.open(part, options.threads, progress);
  // Embeddings are made to be compared on classes that training never saw.
  if (train::tellsClasses(program) && !weights.classNames.empty() && weights.classNames != parts[part].classNames())
    throw UserError("'" + options.weights.path.string() + "' was trained on other classes than '" +
                    parts[part].source() + "' has, or on the same in another order");
  train::requireSuitable(program, entry, parts[part]);
  train::Evaluation evaluation(model, parts[part]);
  evaluation.setLimits(train::limitsFor(model, parts, part, progress));
  std::vector<double> means = *evaluation.run(progress, "Testing", false);

  std::vector<std::string> names = train::evaluationNames(program);
  std::string where = (part == DataParts::Test ? "unseen test " : "validation ") +
                      train::sampleWord(entry);
  progress.line("Loss on " + where + ": " + report::fixed(means[0], 4));
  if (names.size() > 1)
    for (const std::string &line : train::scoreLines(names, means, where)) progress.line(line);
  for (const std::string &line : train::unitLines(program, names, means, where, parts[part].targetUnits()))
    progress.line(line);
  train::reportTables(progress, evaluation.tables(), parts[part].classNames(), options.out);
  train::reportForecasts(progress, evaluation.forecasts(), parts[part].targetUnits(), options.out);
  keepLimit(program, model, evaluation.limits(), options.references, progress);
}

}  // namespace nncc::cli
