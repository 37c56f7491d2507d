#include "cli/Cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "cli/Commands.h"
#include "cli/Embedder.h"
#include "error.h"
#include "train/BatchFile.h"
#include "train/Bench.h"
#include "train/GradientCheck.h"
#include "train/Interrupt.h"
#include "train/Pool.h"
#include "train/Program.h"
#include "train/Trainer.h"

namespace nncc::cli {

namespace {

namespace fs = std::filesystem;

constexpr int kUserError = 1;
constexpr int kWrongUsage = 2;
constexpr int64_t kMostSteps = 1'000'000'000'000;

// What the commands' functions share while the command line is parsed. Each command sets
// `command` to what is to be done when its name was given.
struct Context {
  const NnccProgram &program;
  CLI::App &app;
  std::function<int()> command = {};
  int threads = train::usableCpus();
  std::string data = program.data_dir ? program.data_dir : ".";
  std::string out = {};
  std::string weights = {};
  std::string references = {};
  std::string layout = "keras";
  std::vector<std::string> rename = {}, skip = {};

  fs::path outFolder() const {
    if (!out.empty()) return out;
    std::string name = program.name;
    std::replace(name.begin(), name.end(), '/', '_');
    return fs::path(".") / (name + "-run");
  }
  ChosenWeights weightsFile() const {
    fs::path path = weights.empty() ? outFolder() / "weights.safetensors" : fs::path(weights);
    return {{path, mapping()}, !weights.empty(), data};
  }
  // Beside the weights.
  fs::path referencesFile() const {
    if (!references.empty()) return references;
    return fs::path(weightsFile().path).replace_filename("references.safetensors");
  }
  train::WeightsMapping mapping() const {
    train::WeightsMapping mapping{layout == "pytorch", {}, skip};
    for (const std::string &pair : rename) {
      size_t middle = pair.find('=');
      mapping.rename.emplace_back(pair.substr(0, middle), pair.substr(middle + 1));
    }
    return mapping;
  }
};

void addThreads(Context &context, CLI::App *command) {
  command
      ->add_option("--threads", context.threads,
                   "threads to work with (default: all CPUs, here " +
                       std::to_string(context.threads) + "); results are the same bits")
      ->check(CLI::Range(1, train::Pool::kMaxThreads));
}

CLI::Option *addData(Context &context, CLI::App *command) {
  return command->add_option("--data", context.data,
                             "folder that the model's data paths start from, or a file of `nncc data pack` (default: " + context.data + ")");
}

CLI::Option *addOut(Context &context, CLI::App *command, const std::string &what) {
  return command->add_option("--out", context.out,
                             what + " (default: " + context.outFolder().string() + ")");
}

// How a file of other origin is to be read; only together with `file`.
void addMapping(Context &context, CLI::App *command, CLI::Option *file) {
  auto isRenaming = [](const std::string &pair) -> std::string {
    size_t middle = pair.find('='), most = 1;
    if (middle == 0 || middle == pair.npos || middle + 1 == pair.size())
      return "'" + pair + "' is no renaming; expected NAME=OURS, such as features.0=conv2d";
    size_t left = static_cast<size_t>(std::count(pair.begin(), pair.begin() + middle, '*'));
    size_t right = static_cast<size_t>(std::count(pair.begin() + middle, pair.end(), '*'));
    if (left > most || right > left)
      return "'" + pair + "': expected at most one * on the left, and on the right only what the "
             "left has";
    return "";
  };
  command
      ->add_option("--rename", context.rename,
                   "NAME=OURS: what a tensor or layer of that file is called here; a * in NAME "
                   "stands for any text and comes back in OURS; may be given more than once")
      ->allow_extra_args(false)
      ->check(isRenaming)
      ->needs(file);
  command
      ->add_option("--layout", context.layout,
                   "whose names and axes that file has: keras (ours) or pytorch")
      ->check(CLI::IsMember({"keras", "pytorch"}))
      ->needs(file);
  command
      ->add_option("--skip", context.skip,
                   "pattern with * of weights that keep their initial values, and of tensors of "
                   "that file that are not wanted; may be given more than once")
      ->allow_extra_args(false)
      ->needs(file);
}

void addWeights(Context &context, CLI::App *command) {
  addOut(context, command, "folder of the training whose weights to use");
  addMapping(context, command,
             command->add_option("--weights,--weights-in", context.weights,
                                 "safetensors file to use instead of OUT/weights.safetensors"));
}

// Only of models that compare samples.
void addReferences(Context &context, CLI::App *command) {
  if (!comparesSamples(context.program)) return;
  command->add_option("--references", context.references,
                      "file of enrolled classes (default: references.safetensors beside the weights)");
}

// Text of CLI11 for numbers out of range is long; this one says what is wanted.
CLI::Validator atLeastOne() { return CLI::Range(int64_t{1}, kMostSteps); }

// What training starts from by itself.
std::string startText(const Context &context) {
  const char *path = context.program.weights.path;
  return path ? std::string(" (default: ") + path + ", with what the YAML says of it)" : "";
}

void addTrain(Context &context) {
  CLI::App *command = context.app.add_subcommand("train", "train the model (the default command)");
  auto options = std::make_shared<train::TrainOptions>();
  auto resume = std::make_shared<std::string>();
  addData(context, command);
  command
      ->add_option("--epochs", options->epochs,
                   "epochs in all (default: " + std::to_string(context.program.train.epochs) + ")")
      ->check(atLeastOne());
  command
      ->add_option("--steps", options->steps,
                   "stop after so many steps in all; no test then unless the epochs are done")
      ->check(atLeastOne());
  command
      ->add_option("--seed", options->seed,
                   "of all random numbers (default: " + std::to_string(train::kDefaultSeed) + ")")
      ->check(CLI::NonNegativeNumber);
  addThreads(context, command);
  CLI::Option *weightsIn = command->add_option("--weights-in", context.weights,
                                               "safetensors file to start from" + startText(context));
  addMapping(context, command, weightsIn);
  command->add_option("--weights-out", options->weightsOut,
                      "where to leave the weights (default: OUT/weights.safetensors)");
  command->add_flag_callback(
      "--no-shuffle", [options] { options->shuffle = false; },
      "take the samples in the reader's own order");
  command->add_option("--log", options->log,
                      "JSON lines, one a step and one an epoch (default: OUT/log.jsonl)");
  addOut(context, command, "folder for checkpoints, log, curves and weights");
  command
      ->add_option("--resume", *resume,
                   "go on from the newest intact checkpoint of this folder, which is also --out "
                   "unless that is given")
      ->excludes(weightsIn);
  command->callback([&context, options, resume] {
    context.command = [&context, options, resume] {
      train::requireCpu(context.program);
      options->dataDir = context.data;
      options->resume = *resume;
      options->out = context.out.empty() && !resume->empty() ? fs::path(*resume)
                                                             : context.outFolder();
      options->weightsIn = context.weights;
      options->mapping = context.mapping();
      options->threads = context.threads;
      return train::train(context.program, *options);
    };
  });
}

void addEvaluate(Context &context) {
  CLI::App *command =
      context.app.add_subcommand("evaluate", "loss and metrics on the test set");
  addData(context, command);
  addThreads(context, command);
  addWeights(context, command);
  addReferences(context, command);
  command->callback([&context] {
    context.command = [&context] {
      train::requireCpu(context.program);
      evaluate(context.program, {context.data, context.weightsFile(), context.threads, context.outFolder(),
                                 context.referencesFile()});
      return 0;
    };
  });
}

void addPredict(Context &context) {
  CLI::App *command = context.app.add_subcommand("predict", "what the model says of images or rows");
  auto files = std::make_shared<std::vector<fs::path>>();
  command->add_option("FILE", *files, "images (JPEG, PNG, PGM, PPM), or, as the model was trained on, CSV files or NumPy arrays")->required();
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "a line of JSON for each sample, with all classes, for other programs");
  addThreads(context, command);
  addWeights(context, command);
  addReferences(context, command);
  command->callback([&context, files, json] {
    context.command = [&context, files, json] {
      train::requireCpu(context.program);
      predict(context.program, {*files, context.weightsFile(), context.threads, context.referencesFile(), *json});
      return 0;
    };
  });
}

void addEnroll(Context &context) {
  CLI::App *command = context.app.add_subcommand("enroll", "teach a class by examples, without training");
  auto name = std::make_shared<std::string>();
  auto files = std::make_shared<std::vector<fs::path>>();
  command->add_option("NAME", *name, "of the class; more examples of one that is enrolled are added")->required();
  command->add_option("FILE", *files, "examples, as predict takes them")->required();
  addThreads(context, command);
  addWeights(context, command);
  addReferences(context, command);
  command->callback([&context, name, files] {
    context.command = [&context, name, files] {
      train::requireCpu(context.program);
      enroll(context.program, {*name, *files, context.weightsFile(), context.threads, context.referencesFile()});
      return 0;
    };
  });
}

void addForget(Context &context) {
  CLI::App *command = context.app.add_subcommand("forget", "take an enrolled class away");
  auto name = std::make_shared<std::string>();
  command->add_option("NAME", *name, "of the class")->required();
  addThreads(context, command);
  addWeights(context, command);
  addReferences(context, command);
  command->callback([&context, name] {
    context.command = [&context, name] {
      train::requireCpu(context.program);
      forget(context.program, {*name, context.weightsFile(), context.threads, context.referencesFile()});
      return 0;
    };
  });
}

void addFeatures(Context &context) {
  CLI::App *command =
      context.app.add_subcommand("features", "a picture of what every layer makes of an image");
  auto image = std::make_shared<std::string>();
  auto to = std::make_shared<std::string>();
  auto values = std::make_shared<std::string>();
  std::string standard = std::string(context.program.name) + "-features.png";
  command->add_option("IMAGE", *image, "JPEG or PNG image")->required();
  command->add_option("-o,--output", *to, "PNG file to write (default: " + standard + ")");
  command->add_option("--values", *values,
                      "safetensors file to write the numbers themselves to, by layers' names");
  addThreads(context, command);
  addWeights(context, command);
  command->callback([&context, image, to, values, standard] {
    context.command = [&context, image, to, values, standard] {
      train::requireCpu(context.program);
      features(context.program, {*image, to->empty() ? standard : *to, *values,
                                 context.weightsFile(), context.threads});
      return 0;
    };
  });
}

void addSummary(Context &context) {
  CLI::App *command =
      context.app.add_subcommand("summary", "layers, output shapes and parameters");
  command->callback([&context] {
    context.command = [&context] {
      std::fputs(summary(context.program).c_str(), stdout);
      return 0;
    };
  });
}

void addExport(Context &context) {
  CLI::App *command =
      context.app.add_subcommand("export", "write weights as a safetensors file");
  auto from = std::make_shared<std::string>();
  auto to = std::make_shared<std::string>();
  CLI::Option *out = addOut(context, command, "folder of the training to export from");
  CLI::Option *source =
      command
          ->add_option("--from", *from,
                       "a run's folder (its newest checkpoint), a checkpoint or a weights file")
          ->excludes(out);
  addMapping(context, command, source);
  command->add_option("-o,--weights-out", *to,
                      "file to write (default: " + std::string(context.program.name) +
                          ".safetensors)");
  command->callback([&context, from, to] {
    context.command = [&context, from, to] {
      exportWeights(context.program,
                    {from->empty() ? context.outFolder() : fs::path(*from), context.mapping(),
                     to->empty() ? fs::path(std::string(context.program.name) + ".safetensors")
                                 : fs::path(*to)});
      return 0;
    };
  });
}

void addCheckGradients(Context &context) {
  CLI::App *command = context.app.add_subcommand(
      "check-grad", "compare every parameter's gradient with central differences");
  auto options = std::make_shared<train::GradientCheckOptions>();
  CLI::Option *data = addData(context, command);
  addThreads(context, command);
  command->add_option("--seed", options->seed, "of weights, samples and elements")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--samples", options->samples,
                   "samples in the batch (default: " + std::to_string(options->samples) + ")")
      ->check(CLI::Range(1, 1 << 20));
  command
      ->add_option("--elements", options->elementsPerTensor,
                   "elements to check of each parameter (default: " +
                       std::to_string(options->elementsPerTensor) + ")")
      ->check(atLeastOne());
  command->add_option("--weights,--weights-in", context.weights,
                      "safetensors file to check at (default: the initial weights)");
  command->callback([&context, options, data] {
    context.command = [&context, options, data] {
      train::requireCpu(context.program);
      options->dataDir = context.data;
      options->requireData = data->count() > 0;
      options->threads = context.threads;
      options->weightsIn = context.weights;
      return train::checkGradientsCommand(context.program, *options);
    };
  });
}

// For `nncc bench`; hidden from users.
void addBench(Context &context) {
  CLI::App *command = context.app.add_subcommand("bench", "")->group("");
  auto options = std::make_shared<train::BenchOptions>();
  auto entry = std::make_shared<std::string>("train");
  command->add_option("--steps", options->steps)->check(atLeastOne());
  command->add_option("--warmup", options->warmup)->check(CLI::Range(int64_t{0}, kMostSteps));
  command->add_option("--seed", options->seed)->check(CLI::NonNegativeNumber);
  command->add_option("--entry", *entry)->check(CLI::IsMember({"train", "evaluate"}));
  command->add_option("--batches", options->batches);
  addThreads(context, command);
  command->callback([&context, options, entry] {
    context.command = [&context, options, entry] {
      train::requireCpu(context.program);
      options->threads = context.threads;
      options->evaluate = *entry == "evaluate";
      train::bench(context.program, *options);
      return 0;
    };
  });
}

// What the peers of `nncc bench` are trained on; hidden as well.
void addBatches(Context &context) {
  CLI::App *command = context.app.add_subcommand("batches", "")->group("");
  auto options = std::make_shared<train::BatchFileOptions>();
  addData(context, command);
  addThreads(context, command);
  command->add_option("--seed", options->seed)->check(CLI::NonNegativeNumber);
  command->add_option("--batches", options->batches)->check(atLeastOne());
  command->add_option("--to", options->to)->required();
  command->callback([&context, options] {
    context.command = [&context, options] {
      options->dataDir = context.data;
      options->threads = context.threads;
      train::writeBatches(context.program, *options);
      return 0;
    };
  });
}

std::string versionText(const NnccProgram &program) {
  return std::string(program.name) + ", compiled by nncc " + program.compiler + " for " +
         program.target;
}

// The arguments with `train` put in front where they name no command, in the reversed order
// that CLI11 wants.
std::vector<std::string> argumentsOf(int argc, char **argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  auto asksTheProgram = [](const std::string &argument) {
    return argument == "--help" || argument == "-h" || argument == "--version";
  };
  if (arguments.empty() ||
      (arguments[0].starts_with("-") && !asksTheProgram(arguments[0])))
    arguments.insert(arguments.begin(), "train");
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

int fail(int status, const std::string &message) {
  std::fflush(stdout);
  // One line, whatever a file name or a library's message may hold.
  std::string line = message;
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::fprintf(stderr, "error: %s\n", line.c_str());
  return status;
}

int parseAndRun(const NnccProgram &program, int argc, char **argv) {
  train::requireKnownAbi(program);
  CLI::App app("Trains and uses the model '" + std::string(program.name) + "'.", program.name);
  app.require_subcommand(1);
  app.set_version_flag("--version", versionText(program));
  app.footer("Without a command: train. 'COMMAND --help' tells a command's options.");
  Context context{program, app};
  addTrain(context);
  addEvaluate(context);
  addPredict(context);
  if (comparesSamples(program)) {
    addEnroll(context);
    addForget(context);
  }
  addFeatures(context);
  addSummary(context);
  addExport(context);
  addCheckGradients(context);
  addBench(context);
  addBatches(context);
  try {
    app.parse(argumentsOf(argc, argv));
  } catch (const CLI::Success &asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError &error) {
    return fail(kWrongUsage, std::string(error.what()) + "; see '" + program.name + " --help'");
  }
  train::handleInterrupts();
  int status = context.command();
  if (std::fflush(stdout) != 0 || std::ferror(stdout))
    throw UserError("cannot write to standard output");
  return status;
}

}  // namespace

int run(const NnccProgram &program, int argc, char **argv) {
  try {
    return parseAndRun(program, argc, argv);
  } catch (const std::bad_alloc &) {
    return fail(kUserError, "not enough memory; close other programs or use fewer --threads");
  } catch (const std::exception &error) {
    return fail(kUserError, error.what());
  } catch (...) {
    return fail(kUserError, "an unknown exception; please report this with the command you ran");
  }
}

}  // namespace nncc::cli

int nncc_main(int argc, char **argv) { return nncc::cli::run(nncc_program, argc, argv); }
