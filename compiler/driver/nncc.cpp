//===- nncc.cpp - the compiler's main --------------------------------------===//
//
// Exit status: 0 done, 1 an error in the model or the machine, 2 wrong usage.
//
//===----------------------------------------------------------------------===//
#include "codegen/Target.h"
#include "driver/Compiler.h"
#include "driver/Data.h"
#include "driver/Explain.h"
#include "driver/KernelTable.h"
#include "driver/TemporaryFolder.h"
#include "driver/Tune.h"
#include "frontend/Schema.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include <CLI/CLI.hpp>
#include <unistd.h>

using namespace nncc;
using namespace nncc::driver;

namespace {

struct Arguments {
  CompileOptions compile;
  std::string emit = "exe", target = "host";
  std::string against = "tensorflow,pytorch,jax";
  bool kernels = false, json = false;
  TuneOptions tune;
  std::string budget = "5m";
  std::vector<std::string> rest;
  std::string line;  // as typed
};

bool error(const llvm::Twine &message) {
  llvm::errs() << "nncc: error: " << message << "\n";
  return false;
}

// Of "90s", "5m", "1h", a week at most; 0 for anything else.
double secondsOf(llvm::StringRef text) {
  double number = 0, unit = text.ends_with("s") ? 1 : text.ends_with("m") ? 60 : text.ends_with("h") ? 3600 : 0;
  if (text.drop_back(!text.empty()).getAsDouble(number)) return 0;
  double seconds = number * unit;
  return seconds <= 7 * 24 * 3600 ? seconds : 0;
}

int run(const std::string &program, const std::vector<std::string> &arguments) {
  std::vector<llvm::StringRef> argv(arguments.begin(), arguments.end());
  std::string message;
  int status = llvm::sys::ExecuteAndWait(program, argv, std::nullopt, {}, 0, 0, &message);
  if (status < 0) error("cannot run " + program + ": " + message);
  return status < 0 ? 1 : status;
}

// For a program that runs as long as its user likes: signals go to it and not to one that waits for it.
int become(const std::string &program, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program);
  std::vector<char *> argv;
  for (std::string &argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  return !error("cannot run " + program + ": " + llvm::sys::StrError());
}

// The gradients' program is made, run on the model's data and thrown away.
int checkGradients(const Installation &installation, Arguments &arguments) {
  TemporaryFolder folder;
  if (!folder.ok) return !error("cannot make a temporary folder");
  CompileOptions &options = arguments.compile;
  options.gradients = true;
  options.verbose = false;
  options.output = folder.file("check");
  if (!Compiler(installation).compile(options)) return 1;
  std::vector<std::string> argv{options.output, "check-grad"};
  argv.insert(argv.end(), arguments.rest.begin(), arguments.rest.end());
  return run(options.output, argv);
}

// By a program of its own, which alone needs HDF5. Without a name the weights lie beside the file.
int convert(const Installation &installation, const std::string &from, std::string to) {
  if (to.empty()) {
    llvm::SmallString<128> path(from);
    llvm::sys::path::replace_extension(path, "safetensors");
    to = std::string(path);
  }
  return run(installation.converter, {installation.converter, from, to});
}

// The whole step against the frameworks, or kernel by kernel.
int bench(const Installation &installation, Arguments &arguments) {
  TemporaryFolder folder;
  if (!folder.ok) return !error("cannot make a temporary folder");
  std::string script = installation.benchmarks + (arguments.kernels ? "/kernels.py" : "/bench.py");
  auto python = llvm::sys::findProgramByName("python3");
  if (!python) return !error("nncc bench needs python3 for what it compares with");
  if (!llvm::sys::fs::exists(script)) return !error("nncc bench needs " + script + ", which is not there");
  CompileOptions json = arguments.compile, program = arguments.compile;
  json.verbose = program.verbose = false;
  json.emit = Phase::Json;
  json.output = folder.file("model.json");
  program.output = folder.file("model");
  if (arguments.kernels) program.kernelTable = folder.file("kernels.json");
  Compiler compiler(installation);
  if (!compiler.compile(json) || !compiler.compile(program)) return 1;
  std::vector<std::string> argv{*python,          script,         "--json",  json.output,
                                "--trainer",      program.output, "--peak",  installation.peak,
                                "--level",        program.target.level,
                                "--command",      arguments.line};
  if (arguments.kernels)
    argv.insert(argv.end(), {"--table", program.kernelTable});
  else
    argv.insert(argv.end(), {"--against", arguments.against});
  argv.insert(argv.end(), arguments.rest.begin(), arguments.rest.end());
  return run(*python, argv);
}

} // namespace

int main(int argc, char **argv) {
  Installation installation(argv[0]);
  Arguments arguments;
  arguments.line = "nncc";
  for (int i = 1; i < argc; ++i) arguments.line += std::string(" ") + argv[i];
  CLI::App app("Compiles YAML descriptions of neural networks to native programs that train them.", "nncc");
  app.require_subcommand(1);
  app.set_version_flag("--version", "nncc " NNCC_VERSION);

  auto common = [&](CLI::App *command) {
    command->add_option("MODEL", arguments.compile.model, "the model, a YAML file")->required();
    command->add_option("--target", arguments.target,
                        "host, x86-64, x86-64-v3 (avx2), x86-64-v4 (avx512) or a CPU's name")
        ->capture_default_str();
    command->add_option("--schedules", arguments.compile.database,
                        "the file of measured schedules; by default MODEL.schedules.yaml beside the model, if it is there");
    command->add_flag("--Werror,-W", arguments.compile.warningsAreErrors, "warnings are errors");
    return command;
  };
  CLI::App *compile = common(app.add_subcommand("compile", "make the trainer"));
  compile->add_option("-o,--output", arguments.compile.output, "where to write; ./NAME by default");
  std::string phases;
  std::vector<std::string> names;
  for (const PhaseInfo &phase : kPhases) {
    names.push_back(phase.name);
    phases += std::string("\n  ") + phase.name + ": " + phase.doc;
  }
  compile->add_option("--emit", arguments.emit, "stop at a phase:" + phases)
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  CLI::App *explained = common(app.add_subcommand("explain", "parameters, FLOPs, kernels, schedules, memory plan"));
  explained->add_flag("--json", arguments.json, "the kernels with all their numbers, as JSON");
  CLI::App *check = common(app.add_subcommand("check-grad", "every gradient against central differences, in f64"));
  check->allow_extras()->footer("Further options go to the check: --data DIR, --threads N.");
  CLI::App *tuned = common(app.add_subcommand("tune", "measure schedules on this machine and keep the fastest"));
  tuned->add_option("--budget", arguments.budget, "time to take: 90s, 5m, 1h")->capture_default_str()->check(
      [](const std::string &text) { return secondsOf(text) > 0 ? "" : "'" + text + "' is no time; expected 90s, 5m or 1h"; });
  tuned->add_option("--threads", arguments.tune.threads, "of the measured programs; as many as CPUs by default")
      ->check(CLI::Range(1, 1024));
  tuned->add_flag("--report", arguments.tune.report, "no measuring: the cost model beside what was measured");
  CLI::App *bench_ = common(app.add_subcommand("bench", "against the frameworks, in one run"));
  bench_->add_option("--against", arguments.against, "which ones, comma-separated")->capture_default_str();
  bench_->add_flag("--kernels", arguments.kernels, "each kernel of the training step, beside oneDNN's primitives and the roofline");
  bench_->allow_extras()->footer("Further options go to benchmarks/bench.py or kernels.py: --rounds N, --save, ...");
  CLI::App *converted = app.add_subcommand("convert", "weights that Keras saved (.weights.h5, .h5, .keras) as safetensors");
  std::string from, to;
  converted->add_option("IN", from, "the file of Keras")->required();
  converted->add_option("OUT", to, "the safetensors file; by default IN with that ending");
  CLI::App *data = app.add_subcommand("data", "look at training data and prepare it");
  data->require_subcommand(1);
  DataOptions dataOptions;
  auto readsData = [&](CLI::App *command) {
    command->add_option("MODEL", dataOptions.model, "the model, a YAML file")->required();
    command->add_option("--data", dataOptions.folder, "where relative paths of the model's data start; by default its folder");
    command->add_option("--threads", dataOptions.threads, "by default as many as CPUs")->check(CLI::Range(1, 1024));
    return command;
  };
  CLI::App *checked = readsData(data->add_subcommand("check", "what a training would find in its data: faults, duplicates, balance"));
  checked->add_option("--html", dataOptions.html, "a page with images of what was found");
  CLI::App *shown = readsData(data->add_subcommand("show", "samples with their classes, as the network sees them"));
  shown->add_option("--part", dataOptions.part, "of the data")->check(CLI::IsMember({"train", "validation", "test"}))->capture_default_str();
  shown->add_flag("--augmented", dataOptions.augmented, "each sample as it is and in the first epochs of a training");
  shown->add_option("--count", dataOptions.count, "samples to show")->check(CLI::Range(1, 1000))->capture_default_str();
  shown->add_option("--seed", dataOptions.seed, "of the training whose order and variations are shown")->capture_default_str();
  shown->add_option("--out", dataOptions.out, "the picture; by default NAME-PART.png");
  CLI::App *packed = readsData(data->add_subcommand("pack", "all samples, decoded, in one file for the trainer's --data"));
  packed->add_option("--out", dataOptions.out, "the file; by default NAME.pack in the data folder");
  DataSplitOptions splitOptions;
  CLI::App *split = data->add_subcommand("split", "lists of samples for each part, which stay when samples are added");
  split->add_option("SOURCE", splitOptions.source, "a folder of class folders, or a CSV file with a header")->required();
  split->add_option("--group", splitOptions.group,
                    "what is kept together: a column of the CSV file; of a folder file, class, or a regular expression "
                    "whose first group in parentheses names it")->required();
  split->add_option("--fractions", splitOptions.fractions, "parts and their shares: train=0.8,validation=0.1,test=0.1")->required();
  split->add_option("--out", splitOptions.out, "folder of PART.txt")->capture_default_str();
  CLI::App *labelled = data->add_subcommand("label", "a page of this machine to label images by key press");
  // Its options are nncc-label's own, --help too.
  labelled->set_help_flag();
  labelled->prefix_command();
  CLI::App *schema = app.add_subcommand("schema", "what a model's file may say, as Markdown");

  // -Werror as compilers spell it.
  std::vector<std::string> words(argv + 1, argv + argc);
  for (std::string &word : words)
    if (word == "-Werror") word = "--Werror";
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
  } catch (const CLI::ParseError &wrong) {
    return app.exit(wrong) == 0 ? 0 : 2;
  }

  if (*converted) return convert(installation, from, to);
  if (*checked) return checkData(dataOptions);
  if (*shown) return showData(dataOptions);
  if (*packed) return packData(dataOptions);
  if (*split) return splitData(splitOptions);
  if (*labelled) return become(installation.labeller, labelled->remaining());
  if (*schema) {
    llvm::outs() << frontend::schemaText();
    return 0;
  }
  auto target = codegen::parseTarget(arguments.target);
  if (!target) return !error(llvm::toString(target.takeError()));
  arguments.compile.target = *target;
  for (const PhaseInfo &phase : kPhases)
    if (arguments.emit == phase.name) arguments.compile.emit = phase.phase;
  for (CLI::App *command : {check, bench_})
    for (const std::string &extra : command->remaining()) arguments.rest.push_back(extra);

  if (*check) return checkGradients(installation, arguments);
  if (*bench_) return bench(installation, arguments);
  if (*tuned) {
    arguments.tune.compile = arguments.compile;
    arguments.tune.budgetSeconds = secondsOf(arguments.budget);
    return tune(installation, arguments.tune) ? 0 : 1;
  }
  Compiler compiler(installation);
  if (*explained) {
    auto module = compiler.plan(arguments.compile);
    if (!module) return 1;
    if (arguments.json) {
      llvm::outs() << kernelTable(programOf(*module));
      return 0;
    }
    explain(programOf(*module), llvm::outs());
    if (!hasFrozen(programOf(*module))) return 0;
    CompileOptions options = arguments.compile;
    options.unfrozen = true;
    auto unfrozen = compiler.plan(options);
    if (!unfrozen) return 1;
    explainFrozen(programOf(*module), programOf(*unfrozen), llvm::outs());
    return 0;
  }
  return compiler.compile(arguments.compile) ? 0 : 1;
}
