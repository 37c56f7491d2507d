//===- Tune.cpp - schedules chosen by measurement --------------------------===//
//
// A kernel is measured where it runs: in a step of the whole program, with the caches as the kernels
// before it left them, by the counters of a program that was compiled to profile. One program tries one
// candidate of every kernel at a time, beside the program of the cost model's choices; the two take turns
// and medians are compared, so that what disturbs the machine disturbs both. Candidates of the kernels
// that take longest come first. A program that crashes, never ends or computes another loss is cut in
// halves until the candidate is found whose fault it is.
//
//===----------------------------------------------------------------------===//
#include "driver/Tune.h"
#include "codegen/KernelStore.h"
#include "codegen/Kernels.h"
#include "driver/TemporaryFolder.h"
#include "driver/TuneReport.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include <algorithm>
#include <chrono>
#include <thread>

using namespace mlir;

namespace nncc::driver {

using codegen::MeasuredCandidate;
using codegen::ScheduleChoices;
using codegen::TunedKernel;

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kScreenRounds = 3, kConfirmRounds = 7;
// A candidate has to be that much faster to replace the cost model's choice, in the median of the rounds.
constexpr double kGain = 0.97;
constexpr double kRoundSeconds = 0.25;
constexpr double kScreenShare = 0.8;  // of the budget; the rest confirms what was found
constexpr double kLossTolerance = 1e-3;

// A kernel with candidates, and where it stands in the ticks of each entry that is measured.
struct Subject {
  std::string key, name;
  std::vector<codegen::ListedCandidate> candidates;  // the cost model's choice first
  std::vector<size_t> inTraining, inEvaluation;
};

// What a program took: of each kernel, and of a step, in us a sample.
struct Timing {
  std::vector<double> kernels;
  double step = 0, loss = 0;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

class Tuner {
public:
  Tuner(const Installation &installation, const TuneOptions &options)
      : installation(installation), options(options),
        threads(options.threads ? options.threads : std::max(1u, std::thread::hardware_concurrency())),
        path(options.compile.database.empty() ? codegen::scheduleDatabasePath(options.compile.model)
                                              : options.compile.database) {}

  bool run() {
    auto read = codegen::ScheduleDatabase::read(path);
    if (!read) return fail(read.takeError());
    database = std::move(*read);
    if (options.report) return report();
    if (!folder.ok) return fail(llvm::createStringError("cannot make a temporary folder"));
    begin = Clock::now();
    if (!listSubjects()) return false;
    forgetStale();
    // Before anything is measured: a file that cannot be written would come to light after it.
    if (llvm::Error error = database.write(path)) return fail(std::move(error));
    if (!makeProgram("base", {})) return false;
    auto first = time("base");
    if (!first) return fail(first.takeError());
    reference = std::move(*first);
    orderSubjects();
    if (!screen() || !confirm()) return false;
    reportTuning(target(), llvm::outs());
    return true;
  }

private:
  bool fail(llvm::Error error) {
    llvm::errs() << "nncc: error: " << llvm::toString(std::move(error)) << "\n";
    return false;
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - begin).count(); }
  codegen::TunedTarget &target() { return database.of(options.compile.target); }

  bool report() {
    const codegen::TunedTarget *tuned = database.find(options.compile.target);
    if (!tuned || tuned->kernels.empty())
      return fail(llvm::createStringError(path + " has no measurements of this machine; run `nncc tune " +
                                          options.compile.model + "` first"));
    reportTuning(*tuned, llvm::outs());
    return true;
  }

  // The kernels of training and evaluation with their candidates.
  bool listSubjects() {
    CompileOptions plain = options.compile;
    plain.choices.emplace();
    plain.verbose = false;
    Compiler compiler(installation);
    auto module = compiler.plan(plain);
    if (!module) return false;
    if (!programOf(*module).lookupSymbol("train_step"))
      return fail(llvm::createStringError("model '" + programOf(*module).getSymName().str() +
                                          "' is not trained: it has no step to measure"));
    codegen::KernelStore store(installation.worker, codegen::KernelStore::defaultCacheDir(), options.compile.target);
    llvm::StringMap<size_t> known;
    size_t index = 0;
    for (const codegen::ListedKernel &kernel : codegen::listKernels(programOf(*module))) {
      llvm::StringRef entry = kernel.op->getParentOfType<func::FuncOp>().getName();
      size_t at = index++;
      if (entry != "train_step" && entry != "evaluate") continue;
      auto [position, isNew] = known.try_emplace(kernel.key, subjects.size());
      if (isNew) {
        auto candidates = store.candidates(kernel.spec, kernel.name);
        if (!candidates) return fail(candidates.takeError());
        subjects.push_back({kernel.key, kernel.name, std::move(*candidates), {}, {}});
      }
      Subject &subject = subjects[position->second];
      (entry == "evaluate" ? subject.inEvaluation : subject.inTraining).push_back(at);
    }
    llvm::erase_if(subjects, [](const Subject &subject) { return subject.candidates.size() < 2; });
    return true;
  }

  // What was measured beside another choice of the cost model, and candidates that there are no more: the
  // compiler that measured them was another one.
  void forgetStale() {
    for (const Subject &subject : subjects) {
      auto listed = [&](llvm::StringRef schedule) {
        return llvm::find_if(subject.candidates, [&](const auto &each) { return each.schedule == schedule; });
      };
      llvm::erase_if(target().kernels, [&](const TunedKernel &kernel) {
        return kernel.key == subject.key && (kernel.candidates.empty() ||
                                             kernel.candidates.front().schedule != subject.candidates.front().schedule);
      });
      for (TunedKernel &kernel : target().kernels) {
        if (kernel.key != subject.key) continue;
        llvm::erase_if(kernel.candidates, [&](const MeasuredCandidate &candidate) {
          return listed(candidate.schedule) == subject.candidates.end();
        });
        for (MeasuredCandidate &candidate : kernel.candidates) candidate.cycles = listed(candidate.schedule)->cycles;
      }
    }
  }

  void orderSubjects() {
    std::stable_sort(subjects.begin(), subjects.end(), [&](const Subject &a, const Subject &b) {
      return timeOf(a, reference) > timeOf(b, reference);
    });
  }

  static double timeOf(const Subject &subject, const Timing &timing) {
    double sum = 0;
    for (size_t at : subject.inTraining.empty() ? subject.inEvaluation : subject.inTraining) sum += timing.kernels[at];
    return sum;
  }

  bool makeProgram(llvm::StringRef name, const ScheduleChoices &choices) {
    CompileOptions compile = options.compile;
    compile.choices = choices;
    compile.verbose = false;
    compile.output = folder.file(name);
    compile.kernelTable = folder.file(("" + name + ".json").str());
    return Compiler(installation).compile(compile);
  }

  // One run of a program's entry. The error says how it ended.
  llvm::Expected<llvm::json::Object> runEntry(llvm::StringRef name, llvm::StringRef entry, int64_t steps) {
    std::string program = folder.file(name), output = folder.file("output"), count = std::to_string(threads),
                stepCount = std::to_string(steps);
    llvm::StringRef argv[] = {program,    "bench", "--entry",   entry, "--steps", stepCount,
                              "--warmup", "2",     "--threads", count};
    std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(""), llvm::StringRef(output), llvm::StringRef("")};
    llvm::sys::fs::remove(output);  // redirecting does not cut a longer file
    std::string message;
    int status = llvm::sys::ExecuteAndWait(program, argv, std::nullopt, redirects, 120, 0, &message);
    if (status != 0) return llvm::createStringError("a program of candidates ended with status " + llvm::Twine(status) + ": " + message);
    auto text = llvm::MemoryBuffer::getFile(output);
    if (!text) return llvm::createStringError("cannot read " + output);
    auto json = llvm::json::parse((*text)->getBuffer());
    if (!json) return json.takeError();
    return std::move(*json->getAsObject());
  }

  llvm::Expected<Timing> time(llvm::StringRef name) {
    Timing timing;
    for (llvm::StringRef entry : {"train", "evaluate"}) {
      int64_t &steps = stepsOf[entry];
      if (steps == 0) {
        auto trial = runEntry(name, entry, 3);
        if (!trial) return trial.takeError();
        double us = *trial->getObject("us_per_sample")->getNumber("median") * *trial->getNumber("batch");
        steps = std::clamp<int64_t>(kRoundSeconds * 1e6 / us, 3, 400);
      }
      auto result = runEntry(name, entry, steps);
      if (!result) return result.takeError();
      const llvm::json::Array &kernels = *result->getArray("kernels_us_per_sample");
      timing.kernels.resize(kernels.size());
      for (auto [at, value] : llvm::enumerate(kernels)) timing.kernels[at] += value.getAsNumber().value_or(0);
      if (entry == "train") {
        timing.step = *result->getObject("us_per_sample")->getNumber("median");
        timing.loss = *result->getNumber("loss");
      }
    }
    return timing;
  }

  // The median over rounds of each changed kernel's time to that in the base program; the last is that of
  // the whole step. Once the time is up, rounds end at kScreenRounds. Empty where the program fails or
  // computes something else.
  std::vector<double> ratios(const std::vector<const Subject *> &changed, int rounds) {
    std::vector<std::vector<double>> found(changed.size() + 1);
    for (int round = 0; round < rounds && (round < kScreenRounds || seconds() < options.budgetSeconds); ++round) {
      auto base = time("base"), trial = time("trial");
      if (!base || !trial) {
        if (!base) llvm::consumeError(base.takeError());
        if (!trial) llvm::consumeError(trial.takeError());
        return {};
      }
      if (!(std::abs(trial->loss - reference.loss) <= kLossTolerance * std::max(1.0, std::abs(reference.loss)))) return {};
      for (auto [at, subject] : llvm::enumerate(changed))
        found[at].push_back(timeOf(*subject, *trial) / std::max(timeOf(*subject, *base), 1e-9));
      found.back().push_back(trial->step / base->step);
    }
    std::vector<double> medians(found.size());
    std::transform(found.begin(), found.end(), medians.begin(), median);
    return medians;
  }

  TunedKernel &recordOf(const Subject &subject) {
    for (TunedKernel &kernel : target().kernels)
      if (kernel.key == subject.key) return kernel;
    const codegen::ListedCandidate &first = subject.candidates.front();
    return target().kernels.emplace_back(
        TunedKernel{subject.key, subject.name, first.schedule, 1, {{first.schedule, first.cycles, 1}}});
  }

  // The next candidate that has not been measured, or null.
  const codegen::ListedCandidate *nextOf(const Subject &subject) {
    TunedKernel &record = recordOf(subject);
    for (const codegen::ListedCandidate &candidate : subject.candidates)
      if (!record.find(candidate.schedule)) return &candidate;
    return nullptr;
  }

  using Trial = std::vector<std::pair<const Subject *, const codegen::ListedCandidate *>>;

  bool measure(const Trial &trial) {
    ScheduleChoices choices;
    std::vector<const Subject *> changed;
    for (auto [subject, candidate] : trial) {
      choices[subject->key] = candidate->schedule;
      changed.push_back(subject);
    }
    std::vector<double> found;
    if (makeProgram("trial", choices)) found = ratios(changed, kScreenRounds);
    if (found.empty() && trial.size() > 1) {
      auto middle = trial.begin() + trial.size() / 2;
      return measure(Trial(trial.begin(), middle)) && measure(Trial(middle, trial.end()));
    }
    for (auto [at, pair] : llvm::enumerate(trial))
      recordOf(*pair.first).candidates.push_back(
          {pair.second->schedule, pair.second->cycles, found.empty() ? 0 : found[at]});
    if (llvm::Error error = database.write(path)) return fail(std::move(error));
    return true;
  }

  size_t remaining() {
    size_t count = 0;
    for (const Subject &subject : subjects)
      for (const codegen::ListedCandidate &candidate : subject.candidates) count += !recordOf(subject).find(candidate.schedule);
    return count;
  }

  void progress(size_t done, size_t all) {
    double left = std::max(0.0, options.budgetSeconds - seconds());
    if (done) left = std::min(left, seconds() / done * (all - done));
    bool live = llvm::sys::Process::StandardErrIsDisplayed();
    llvm::errs() << (live ? "\r" : "") << "tune: " << done << " of " << all << " candidates measured, at most "
                 << llvm::format("%d:%02d", int(left) / 60, int(left) % 60) << " left" << (live ? "\x1b[K" : "\n");
  }

  // All candidates of all kernels, one of each kernel a program; at least one program, so that every run
  // gets on.
  bool screen() {
    const size_t all = remaining();
    do {
      progress(all - remaining(), all);
      Trial trial;
      for (const Subject &subject : subjects)
        if (const codegen::ListedCandidate *next = nextOf(subject)) trial.push_back({&subject, next});
      if (trial.empty()) break;
      if (!measure(trial)) return false;
    } while (seconds() < options.budgetSeconds * kScreenShare);
    if (llvm::sys::Process::StandardErrIsDisplayed()) llvm::errs() << "\r\x1b[K";
    if (size_t left = remaining())
      llvm::errs() << "tune: the time is up with " << left << " candidates to measure; `nncc tune` again goes on\n";
    return true;
  }

  // The fastest candidates together once more, longer: what does not hold goes back to the first choice.
  bool confirm() {
    ScheduleChoices choices;
    std::vector<const Subject *> changed;
    for (const Subject &subject : subjects) {
      TunedKernel &record = recordOf(subject);
      const MeasuredCandidate *best = &record.candidates.front();
      for (const MeasuredCandidate &candidate : record.candidates)
        if (candidate.ratio > 0 && candidate.ratio < std::min(kGain, best->ratio)) best = &candidate;
      record.schedule = record.candidates.front().schedule;
      record.ratio = 1;
      if (best == &record.candidates.front()) continue;
      choices[subject.key] = best->schedule;
      changed.push_back(&subject);
    }
    double whole = 1;
    size_t kept = 0;
    if (!changed.empty()) {
      if (!makeProgram("trial", choices)) return false;
      std::vector<double> found = ratios(changed, kConfirmRounds);
      if (found.empty()) return fail(llvm::createStringError("the chosen schedules fail together, each of them does not: nothing is chosen"));
      for (auto [at, subject] : llvm::enumerate(changed))
        if (found[at] < kGain) {
          TunedKernel &record = recordOf(*subject);
          record.schedule = choices[subject->key];
          record.ratio = found[at];
          ++kept;
        }
      whole = found.back();
    }
    if (llvm::Error error = database.write(path)) return fail(std::move(error));
    llvm::outs() << path << ": " << kept << " of " << subjects.size()
                 << " kernels have faster schedules; a training step takes "
                 << llvm::format("%.1f%%", whole * 100) << " of its time before, on " << threads << " threads\n";
    return true;
  }

  const Installation &installation;
  const TuneOptions &options;
  const int threads;
  const std::string path;
  TemporaryFolder folder;
  codegen::ScheduleDatabase database;
  std::vector<Subject> subjects;
  llvm::StringMap<int64_t> stepsOf;
  Timing reference;
  Clock::time_point begin;
};

} // namespace

bool tune(const Installation &installation, const TuneOptions &options) { return Tuner(installation, options).run(); }

} // namespace nncc::driver
