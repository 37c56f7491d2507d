#include "train/Trainer.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/Batches.h"
#include "error.h"
#include "report/AtomicFile.h"
#include "report/Log.h"
#include "report/Plot.h"
#include "report/Progress.h"
#include "report/Text.h"
#include "train/Checkpoint.h"
#include "train/ConfusionTables.h"
#include "train/DataParts.h"
#include "train/EpochBatches.h"
#include "train/Evaluation.h"
#include "train/ForecastPlots.h"
#include "train/Interrupt.h"
#include "train/LearningRate.h"
#include "train/Memory.h"
#include "train/Model.h"
#include "train/Penalty.h"
#include "train/Program.h"
#include "train/Statistics.h"
#include "train/Watch.h"
#include "train/Weights.h"

namespace nncc::train {

namespace {

namespace fs = std::filesystem;

constexpr int kCheckpointsKept = 2;
constexpr std::initializer_list<NnccEntryKind> kEntries = {NNCC_TRAIN_STEP, NNCC_ACCUMULATE,
                                                           NNCC_EVALUATE};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Throws UserError if a file could not be written here at the end of a long training.
void requirePlaceFor(const fs::path &file) {
  fs::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::error_code error;
  if (fs::is_directory(file, error))
    throw UserError("'" + file.string() + "' is a folder; expected the name of a weights file");
  if (fs::exists(folder, error) && ::access(folder.c_str(), W_OK) != 0)
    throw UserError("cannot write '" + file.string() + "': no permission to write to '" +
                    folder.string() + "'");
}

// Seconds of training steps and, of these, before their batches were ready. Those of this process:
// after a resume, what was done before is no part of them.
struct TrainingTime {
  struct Seconds {
    double waited = 0, trained = 0;
    double share() const { return waited / trained; }
  } epoch, run;

  void add(double waited, double trained) {
    for (Seconds *seconds : {&epoch, &run}) {
      seconds->waited += waited;
      seconds->trained += trained;
    }
  }
};

class Training {
 public:
  Training(const NnccProgram &program, const TrainOptions &options);
  int run();

 private:
  void begin();
  void resumeFrom(const fs::path &folder);
  void planLength();
  void printPlan();
  void openData();
  void requireSameData() const;
  void prepareWatches();

  bool finished() const {
    return state.stopped || state.iteration > lastIteration ||
           (state.iteration == lastIteration && !validationPending());
  }
  bool validationPending() const { return state.step == stepsPerEpoch; }
  void trainEpoch();
  void step(const data::Batch &batch, double started);
  void endEpoch();
  void watch(const EpochRecord &record);
  double learningRate(int64_t updates) const;
  // Updates of the parameters done.
  int64_t updates() const { return state.iteration / accumulation; }
  // What evaluations and the weights file take now: averages where the program keeps such.
  const void *averagedWeights();
  void *dataOf(std::optional<Block> &block) { return block ? block->data() : nullptr; }
  void plot() const;
  fs::path checkpoint();
  int finish();
  int interrupted();
  bool stopRequested() const { return interrupts && interrupts->requested(); }

  fs::path logPath() const {
    return options.log.empty() ? options.out / "log.jsonl" : options.log;
  }
  fs::path weightsOut() const {
    return options.weightsOut.empty() ? options.out / "weights.safetensors" : options.weightsOut;
  }
  // As many names as there are values.
  std::vector<report::Value> values(const std::vector<double> &values,
                                    const std::string &prefix = "") const;

  const NnccProgram &program;
  TrainOptions options;
  const NnccEntry &entry;
  report::Progress progress;
  Model model;
  DataParts parts;
  Feeding feeding;

  std::vector<std::string> names;  // of losses and metrics, in training
  std::vector<std::string> evaluationNames;  // of the same and of metrics over all samples
  std::optional<LearningRate> rates;
  int64_t accumulation;  // steps that make one update
  Watch plateau, stopping, keeping;
  // Parameter blocks: the weights of the best epoch and the moving averages, where wanted.
  std::optional<Block> best, averages;
  TrainingState state;
  Sums epochSums, stepSums;
  Outputs outputs;
  std::optional<report::Log> log;
  std::unique_ptr<Evaluation> validation;
  std::optional<DeferInterrupts> interrupts;  // while there is something to save
  fs::path lastCheckpoint;
  TrainingTime time;

  int64_t stepsPerEpoch = 0;
  int64_t epochSamples = 0;   // in the steps of an epoch
  int64_t epochs = 0;         // to be run in all
  int64_t lastIteration = 0;  // where training ends, cut short by `steps` or not
  bool startsFromFile = false;  // weights, rather than initializers
  bool cutShort = false;      // `steps` ends it before the last epoch does
  bool validates = false, tests = false;  // are these parts of the data needed?
  int64_t plannedBytes = 0;
};

Training::Training(const NnccProgram &program, const TrainOptions &options)
    : program(program),
      options(options),
      entry(requireEntry(program, NNCC_TRAIN_STEP, "train")),
      model(program, options.threads, kEntries),
      parts(program, entry, options.dataDir),
      feeding(program, entry),
      names(valueNames(program)),
      evaluationNames(train::evaluationNames(program)),
      accumulation(accumulationSteps(program)),
      plateau(program.train.reduce_lr_on_plateau, evaluationNames),
      stopping(program.train.early_stopping, evaluationNames),
      keeping(numberOption(program.train.early_stopping, "restore_best", 0) != 0
                  ? program.train.early_stopping
                  : program.train.keep_best,
              evaluationNames),
      epochSums(program, entry),
      stepSums(program, entry),
      outputs(entry, entry.batch) {
  LearningRate(program, 1);  // throws where there is none
  if (keeping) best.emplace(program.parameter_bytes, Block::Fill::Zero, "the best weights");
  if (program.train.ema_decay > 0)
    averages.emplace(program.parameter_bytes, Block::Fill::Zero, "the averaged weights");
  if (program.train.batch_size < 1 || program.train.batch_size > entry.batch)
    throw UserError("model '" + std::string(program.name) + "': batch size " +
                    std::to_string(program.train.batch_size) + " is not within the compiled " +
                    std::to_string(entry.batch) + "; compile the model again");
}

int Training::run() {
  begin();
  interrupts.emplace();
  progress.beginRun(epochs);
  while (!finished()) {
    if (!validationPending()) trainEpoch();
    if (stopRequested()) return interrupted();
    if (validationPending()) endEpoch();
    if (stopRequested()) return interrupted();
  }
  return finish();
}

// Everything before the first step, in the order in which a mistake costs the user least.
void Training::begin() {
  requirePlaceFor(weightsOut());
  std::error_code noFolder;
  if (options.resume.empty() || !fs::equivalent(options.resume, options.out, noFolder))
    requireOwnCheckpoints(program, options.out);
  if (!options.resume.empty()) {
    resumeFrom(options.resume);
  } else {
    state.seed = options.seed.value_or(kDefaultSeed);
    state.shuffle = options.shuffle;
    state.sums = epochSums.sums();
    WeightsFile weights{options.weightsIn, options.mapping};
    if (weights.path.empty()) weights = startingWeights(program, options.dataDir);
    startsFromFile = !weights.path.empty();
    // What a file leaves out (a new head) starts as the initializers say.
    if (!startsFromFile || !weights.mapping.empty()) model.initialize(state.seed);
    if (startsFromFile)
      for (const std::string &warning :
           loadWeights(program, weights, model.parameters()).warnings)
        progress.line("warning: " + warning);
  }
  epochSums.restore(state.sums, state.samplesDone);
  if (!parts.has(DataParts::Train))
    throw UserError("model '" + std::string(program.name) +
                    "' has no training data; add `train` to the `data` section of its YAML");
  prepareWatches();
  planLength();
  report::makeFolder(options.out);
  for (const fs::path &file : {weightsOut(), logPath()})
    if (file.has_parent_path()) report::makeFolder(file.parent_path());
  printPlan();
  openData();
  if (options.resume.empty() && !startsFromFile && wantsStatistics(program))
    adaptStatistics(program, entry, parts[DataParts::Train], model.parameters());
  log = options.resume.empty()
            ? report::Log::create(logPath())
            : report::Log::resume(logPath(), state.epoch + 1, state.iteration + 1);
}

void Training::resumeFrom(const fs::path &folder) {
  Resumed resumed =
      loadNewestCheckpoint(program, folder, model.parameters(), model.state(), dataOf(best));
  for (const std::string &why : resumed.refused) progress.line("warning: passed over " + why);
  state = std::move(resumed.state);
  lastCheckpoint = resumed.path;
  std::string path = "'" + resumed.path.string() + "'";
  if (state.sums.size() != epochSums.sums().size())
    throw UserError(path + " was made with other metrics; start anew without --resume");
  if (options.seed && *options.seed != state.seed)
    throw UserError(path + " was made with --seed " + std::to_string(state.seed) +
                    "; leave --seed out to go on with it");
  if (!options.shuffle && state.shuffle)
    throw UserError(path + " was made without --no-shuffle; leave --no-shuffle out to go on");
  if (state.batchSize != program.train.batch_size)
    throw UserError(path + " was made with batch size " + std::to_string(state.batchSize) +
                    ", this program has " + std::to_string(program.train.batch_size));
  if (std::string own = data::textOf(feeding.grouping); state.grouping != own) {
    auto shown = [](const std::string &text) { return text.empty() ? "neither batch_by nor classes_per_batch" : text; };
    throw UserError(path + " was made with " + shown(state.grouping) + ", this program has " + shown(own) +
                    "; compile the model as it was, or start anew without --resume");
  }
  progress.line("Resuming from " + resumed.path.string() + ": epoch " +
                std::to_string(state.epoch + 1) + ", " + std::to_string(state.iteration) +
                " steps done");
}

void Training::prepareWatches() {
  for (auto [watch, watched] : {std::pair(&plateau, &state.plateau), {&stopping, &state.stopping},
                                {&keeping, &state.keeping}}) {
    if (!*watch) {
      *watched = WatchState();
      continue;
    }
    watch->adopt(*watched);
    bool validated = parts.has(DataParts::Validation) && findEntry(program, NNCC_EVALUATE);
    if (watch->ofValidation() && !validated)
      throw UserError("model '" + std::string(program.name) + "' watches " + watch->monitor() +
                      ", but has no validation data; add `validation` to the `data` section of "
                      "its YAML, or name another `monitor`");
  }
}

void Training::planLength() {
  int64_t samples = parts.count(DataParts::Train);
  if (samples < 1)
    throw UserError("the training data set has no samples; is '" + options.dataDir.string() +
                    "' the right --data folder?");
  if (!options.resume.empty() && samples != state.samples)
    throw UserError("'" + lastCheckpoint.string() + "' was made with " +
                    report::count(state.samples) + " training samples, but there are " +
                    report::count(samples) + "; resume with the same --data");
  state.samples = samples;
  state.batchSize = program.train.batch_size;
  state.grouping = data::textOf(feeding.grouping);
  stepsPerEpoch = data::batchesPerEpoch(samples, feeding.batchSize, feeding.grouping);
  epochSamples = data::samplesPerEpoch(samples, feeding.batchSize, feeding.grouping);
  int64_t most = std::numeric_limits<int64_t>::max() / stepsPerEpoch;
  if (options.epochs)
    epochs = std::min(*options.epochs, most);
  else if (options.steps)
    epochs = std::min((*options.steps + stepsPerEpoch - 1) / stepsPerEpoch, most);
  else
    epochs = program.train.epochs;
  lastIteration = epochs * stepsPerEpoch;
  if (options.steps) {
    cutShort = !options.epochs || *options.steps < lastIteration;
    lastIteration = std::min(lastIteration, *options.steps);
  }
  rates.emplace(program, stepsPerEpoch);
  bool evaluates = findEntry(program, NNCC_EVALUATE) != nullptr;
  validates = evaluates && parts.has(DataParts::Validation) &&
              lastIteration / stepsPerEpoch > state.epoch;
  tests = evaluates && parts.has(DataParts::Test) && !cutShort;
}

void Training::printPlan() {
  std::vector<DataParts::Part> needed{DataParts::Train};
  int64_t batchBytes = data::Batches::bytes(inputs(entry), state.samples, entry.batch,
                                            state.shuffle, feeding.grouping) +
                       outputs.bytes() + model.threads() * feeding.augmentation.scratchBytes();
  if (validates) needed.push_back(DataParts::Validation);
  if (tests) needed.push_back(DataParts::Test);
  int64_t evaluationBytes = 0;  // one evaluation at a time
  for (size_t i = 1; i < needed.size(); ++i)
    evaluationBytes =
        std::max(evaluationBytes, Evaluation::bytes(program, parts.count(needed[i])));
  batchBytes += evaluationBytes;
  int64_t count = 0;
  for (const NnccParameter &parameter : parameters(program)) count += elements(parameter.tensor);

  progress.line(std::string(program.name) + ": " + report::count(count) + " parameters, " +
                report::count(state.samples) + " training " + sampleWord(entry) +
                ", batches of " + std::to_string(state.batchSize) + ", " +
                std::to_string(model.threads()) +
                (model.threads() == 1 ? " thread, " : " threads, ") + program.target);
  MemoryPlan plan;
  plan.add("parameters", program.parameter_bytes);
  plan.add("optimizer", program.state_bytes);
  if (averages) plan.add("averaged weights", program.parameter_bytes);
  if (best) plan.add("best weights", program.parameter_bytes);
  plan.add("arena", Model::arenaBytes(program, model.threads(), kEntries));
  plan.add("batches", batchBytes);
  plan.add("data set", parts.plannedBytes(needed));
  // Threads that transform samples come on top of those of the model.
  int threads = model.threads() + (feeding.augmentation.empty() ? 0 : model.threads() - 1);
  plan.add("program", programBytes(threads, program.parameter_bytes + program.state_bytes));
  plannedBytes = plan.total();
  progress.line(plan.text());
}

void Training::openData() {
  parts.open(DataParts::Train, model.threads(), progress);
  requireSameData();
  feeding.requireSuitable(parts[DataParts::Train]);
  state.classNames = parts[DataParts::Train].classNames();
  state.preprocessing = parts[DataParts::Train].preprocessing();
  if (validates) {
    parts.open(DataParts::Validation, model.threads(), progress);
    requireSuitable(program, entry, parts[DataParts::Validation]);
    validation = std::make_unique<Evaluation>(model, parts[DataParts::Validation]);
  }
  // Read before training: a mistake in the test set must not show up hours later.
  if (tests) {
    parts.open(DataParts::Test, model.threads(), progress);
    requireSuitable(program, entry, parts[DataParts::Test]);
  }
}

void Training::requireSameData() const {
  const data::Dataset &set = parts[DataParts::Train];
  if (set.size() != state.samples)
    throw UserError("data set '" + set.source() + "' changed while it was read: " +
                    report::count(state.samples) + " samples were counted, " +
                    report::count(set.size()) + " read");
  if (!options.resume.empty() && state.classNames != set.classNames())
    throw UserError("'" + lastCheckpoint.string() + "' was made with other classes than '" +
                    set.source() + "' has; resume with the same --data");
  if (!options.resume.empty() && state.preprocessing != set.preprocessing())
    throw UserError("'" + lastCheckpoint.string() + "' was made with other columns, categories or "
                    "fill values than '" + set.source() + "' gives; resume with the same --data");
}

void Training::trainEpoch() {
  EpochBatches batches(parts, feeding, {state.seed, state.shuffle, state.epoch, state.step}, model.threads());
  double secondsBefore = state.seconds;
  progress.beginEpoch(state.epoch + 1, epochSamples, state.samplesDone);
  while (state.step < stepsPerEpoch && state.iteration < lastIteration &&
         !stopRequested()) {
    double started = now();
    step(batches.next(), started);
  }
  time.add(batches.secondsWaited(), state.seconds - secondsBefore);
}

void Training::step(const data::Batch &batch, double started) {
  bool updates = (state.iteration + 1) % accumulation == 0;
  const NnccEntry &run = updates ? entry : requireEntry(program, NNCC_ACCUMULATE, "train");
  // Of the weights that the step sees, as its loss is.
  double regularization = penalty(program, model.parameters());
  model.run(run, batch.samples, batch.inputs, outputs.pointers(),
            {learningRate(this->updates()), state.iteration + 1, state.seed,
             batch.sampleIndex.data(), this->updates() + 1});
  epochSums.add(batch.inputs, outputs, batch.samples);
  epochSums.addToLoss(regularization, batch.samples);
  stepSums.clear();
  stepSums.add(batch.inputs, outputs, batch.samples);
  stepSums.addToLoss(regularization, batch.samples);
  ++state.step;
  ++state.iteration;
  state.sums = epochSums.sums();
  state.samplesDone = epochSums.samples();

  double seconds = now() - started;
  state.seconds += seconds;
  std::vector<report::Value> logged = values(stepSums.means());
  double loss = logged[0].value;
  logged.push_back({"seconds", seconds});
  log->step(state.epoch + 1, state.iteration, logged);
  if (!std::isfinite(loss)) {
    log->flush();
    throw UserError(
        "the loss is " + report::fixed(loss, 0) + " in epoch " + std::to_string(state.epoch + 1) +
        ", step " + std::to_string(state.iteration) + "; try a smaller learning_rate (it is " +
        report::jsonNumber(learningRate((state.iteration - 1) / accumulation)) + ") or look for values in the data that are no numbers" +
        (lastCheckpoint.empty() ? ""
                                : "; the last checkpoint is '" + lastCheckpoint.string() + "'"));
  }
  progress.step(state.samplesDone, values(epochSums.means()));
}

// Validation, records and checkpoint of an epoch whose steps are done. An interrupt during the
// validation leaves the state as it was: a resume validates again.
void Training::endEpoch() {
  EpochRecord record;
  record.train = epochSums.means();
  record.seconds = state.seconds;
  std::vector<report::Value> shown = values(record.train);
  if (validation) {
    model.evaluate(averagedWeights());
    auto means = validation->run(progress, "Validating", true,
                                 [this] { return stopRequested(); });
    if (!means) return;
    record.validation = *means;
    for (report::Value &value : values(*means, "val_")) shown.push_back(std::move(value));
  }
  double rate = static_cast<double>(epochSamples) / std::max(state.seconds, 1e-9);
  // That of the epoch's last step.
  report::Value learning{"learning_rate", learningRate((state.iteration - 1) / accumulation)};
  if (plateau || !rates->constant()) shown.push_back(learning);
  progress.endEpoch(state.seconds, rate, shown);
  if (shown.back().name != learning.name) shown.push_back(learning);
  std::vector<report::Value> logged = shown;
  if (time.epoch.trained > 0)  // a resume may find only the validation left to do
    logged.push_back({"waited_for_data", time.epoch.share()});
  log->epoch(state.epoch + 1, logged, state.seconds, rate);
  time.epoch = {};

  watch(record);
  state.history.push_back(std::move(record));
  ++state.epoch;
  state.step = 0;
  state.samplesDone = 0;
  state.seconds = 0;
  epochSums.clear();
  state.sums = epochSums.sums();
  checkpoint();
  plot();
}

// What an epoch that has ended means for the rate, the end of the training and the best weights.
void Training::watch(const EpochRecord &record) {
  int64_t epoch = state.epoch + 1;
  if (plateau) {
    double before = learningRate(updates());
    double after = plateau.reduced(record, epoch, state.plateau, before);
    if (after != before) state.reducedRate = after;
  }
  if (keeping && keeping.improved(record, epoch, state.keeping))
    std::memcpy(best->data(), averagedWeights(), static_cast<size_t>(program.parameter_bytes));
  if (stopping) {
    stopping.improved(record, epoch, state.stopping);
    state.stopped = stopping.exhausted(state.stopping);
  }
}

double Training::learningRate(int64_t updates) const {
  return std::isnan(state.reducedRate) ? rates->at(updates) : state.reducedRate;
}

const void *Training::averagedWeights() {
  return weightsToSave(program, state, model.parameters(), model.state(), nullptr,
                       dataOf(averages));
}

fs::path Training::checkpoint() {
  log->flush();
  lastCheckpoint =
      saveCheckpoint(program, options.out, state, model.parameters(), model.state(), dataOf(best));
  pruneCheckpoints(program, options.out, state.iteration, kCheckpointsKept);
  return lastCheckpoint;
}

void Training::plot() const {
  report::Plot plot{program.name, "epoch", {}};
  // Metrics first: what users look for. The loss is last.
  for (size_t i = 0; i < evaluationNames.size(); ++i) {
    size_t value = (i + 1) % evaluationNames.size();
    report::Panel panel{evaluationNames[value], {{"training", {}}, {"validation", {}}}};
    for (size_t epoch = 0; epoch < state.history.size(); ++epoch) {
      const EpochRecord &record = state.history[epoch];
      double x = static_cast<double>(epoch + 1);
      if (value < record.train.size()) panel.curves[0].points.push_back({x, record.train[value]});
      if (value < record.validation.size())
        panel.curves[1].points.push_back({x, record.validation[value]});
    }
    // Some metrics are of the validation alone, and without it of nothing.
    bool trained = value < names.size();
    if (panel.curves[1].points.empty()) panel.curves.pop_back();
    if (trained || panel.curves.size() > 1) plot.panels.push_back(std::move(panel));
  }
  report::writeSvg(options.out / "accuracy.svg", plot);
}

int Training::finish() {
  // `steps` may end an epoch early: what it has done so far must not be lost.
  if (lastCheckpoint != checkpointPath(options.out, state.iteration)) checkpoint();
  const void *weights = weightsToSave(program, state, model.parameters(), model.state(),
                                      dataOf(best), dataOf(averages));
  model.evaluate(weights);
  saveWeights(program, weightsOut(), weights, state.classNames, state.preprocessing);
  interrupts.reset();  // all is saved: from here on an interrupt may end the program at once
  if (cutShort)
    progress.line("Stopped after " + report::count(state.iteration) + " steps, as --steps asked");
  if (state.stopped)
    progress.line("Stopped early after epoch " + std::to_string(state.epoch) + ": " +
                  stopping.monitor() + " was best in epoch " +
                  std::to_string(state.stopping.bestEpoch));
  if (best && state.keeping.bestEpoch > 0)
    progress.line("The weights are those of epoch " + std::to_string(state.keeping.bestEpoch) +
                  ", the best by " + keeping.monitor() + " (" +
                  report::fixed(state.keeping.best, 4) + ")");
  if (tests) {
    Evaluation test(model, parts[DataParts::Test]);
    test.setLimits(limitsFor(model, parts, DataParts::Test, progress));
    std::vector<double> means = *test.run(progress, "Testing", false);
    for (const std::string &line :
         scoreLines(evaluationNames, means, "unseen test " + sampleWord(entry)))
      progress.line(line);
    for (const std::string &line : unitLines(program, evaluationNames, means, "unseen test " + sampleWord(entry),
                                             parts[DataParts::Test].targetUnits()))
      progress.line(line);
    reportTables(progress, test.tables(), state.classNames, options.out);
    reportForecasts(progress, test.forecasts(), parts[DataParts::Test].targetUnits(), options.out);
  }
  progress.line("Weights: " + weightsOut().string());
  if (!state.history.empty())
    progress.line("Curves: " + (options.out / "accuracy.svg").string());
  progress.line("Log: " + logPath().string());
  if (time.run.trained > 0)
    progress.line("Waited for data: " + report::percent(time.run.share()) + " of the time");
  progress.line("Peak memory: " + report::byteSize(peakResidentBytes()) + " measured, " +
                report::byteSize(plannedBytes) + " planned");
  return 0;
}

int Training::interrupted() {
  fs::path path = checkpoint();
  progress.line("Interrupted in epoch " + std::to_string(state.epoch + 1) + " after " +
                report::count(state.iteration) + " steps; checkpoint " + path.string() +
                "; go on with --resume " + options.out.string());
  return kInterruptedStatus;
}

std::vector<report::Value> Training::values(const std::vector<double> &values,
                                            const std::string &prefix) const {
  std::vector<report::Value> list;
  for (size_t i = 0; i < values.size(); ++i) list.push_back({prefix + evaluationNames[i], values[i]});
  return list;
}

}  // namespace

int train(const NnccProgram &program, const TrainOptions &options) {
  return Training(program, options).run();
}

}  // namespace nncc::train
